using System.Globalization;
using System.Text;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

/// <summary>A query string; what is null is left out.</summary>
internal readonly struct Query()
{
    private readonly StringBuilder _text = new();

    public Query Page(int? limit, string? cursor) => Add("limit", limit?.ToString(CultureInfo.InvariantCulture)).Add("cursor", cursor);

    public Query Add<TEnum>(string name, TEnum? value)
        where TEnum : struct, Enum => value is { } given ? Add(name, WireName.Of(given)) : this;

    public Query Add(string name, DateTimeOffset? value) =>
        Add(name, value?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    public Query Add(string name, string? value)
    {
        if (value is not null)
            _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        return this;
    }

    public override string ToString() => _text.ToString();
}
