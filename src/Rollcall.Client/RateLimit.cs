using System.Globalization;
using System.Net.Http.Headers;

namespace Rollcall.Client;

/// <summary>What is left of one of the limits on how often a caller may ask.</summary>
public sealed class RateLimit
{
    /// <summary>Which limit it is, by the server's name for it.</summary>
    public required string Policy { get; init; }

    /// <summary>Requests that are left, 0 or more.</summary>
    public required long Remaining { get; init; }

    /// <summary>How long it is from the answer until more are left; null when the server did not say.</summary>
    public TimeSpan? ResetsIn { get; init; }

    /// <summary>The header <c>RateLimit: "name";r=REMAINING;t=SECONDS, …</c>; what cannot be read is left out.</summary>
    internal static IReadOnlyList<RateLimit> Of(HttpResponseHeaders headers)
    {
        if (!headers.TryGetValues("RateLimit", out var values)) return [];
        return [.. values.SelectMany(value => value.Split(',')).Select(Read).OfType<RateLimit>()];
    }

    private static RateLimit? Read(string text)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        var name = parts[0].Trim('"');
        if (name.Length == 0 || Number(parts, "r=") is not { } remaining) return null;
        return new RateLimit { Policy = name, Remaining = remaining, ResetsIn = Number(parts, "t=") is { } seconds ? TimeSpan.FromSeconds(seconds) : null };
    }

    private static int? Number(string[] parts, string key)
    {
        var part = Array.Find(parts, part => part.StartsWith(key, StringComparison.Ordinal));
        return int.TryParse(part.AsSpan(part is null ? 0 : key.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
