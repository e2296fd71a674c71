using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Rollcall.Server.Hosting;

/// <summary>One page of a list: at most <paramref name="Limit"/> rows after the key that the cursor carries.</summary>
internal readonly record struct Page(int Limit, string? After)
{
    private const int Default = 50;
    private const int Most = 200;
    private const int LongestKey = 300;

    public static Result<Page> Parse(string? limit, string? cursor)
    {
        var rows = Default;
        if (limit is not null && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out rows) || rows is < 1 or > Most))
            return Problem.Invalid($"limit is a whole number from 1 to {Most}.");
        if (cursor is null) return new Page(rows, null);
        if (cursor.Length > LongestKey * 2 || !Base64Url.IsValid(cursor) || cursor.Length == 0)
            return Problem.Invalid("cursor is not one that this server gave: start again without it.");
        return new Page(rows, Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)));
    }

    /// <summary>Cuts the row that was read beyond the page and names the cursor to go on with.</summary>
    public (IReadOnlyList<T> Rows, string? Next) Cut<T>(IReadOnlyList<T> rows, Func<T, string> key) => rows.Count <= Limit
        ? (rows, null)
        : ([.. rows.Take(Limit)], Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key(rows[Limit - 1]))));
}
