using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Hosting;

/// <summary>One page of a list: at most <paramref name="Limit"/> rows after the key that the cursor carries.</summary>
internal readonly record struct Page(int Limit, string? After)
{
    private const int Default = 50;
    private const int Most = 200;
    private const int LongestCursor = 200;

    public static RequestParameter Size { get; } = RequestParameter.Query("limit", Schemas.Whole(1, Most).Or(Default), "At most so many.");

    public static IReadOnlyList<RequestParameter> Parameters { get; } =
    [
        Size,
        RequestParameter.Query("cursor", Schemas.Text(shortest: 1, longest: LongestCursor), "The `next_cursor` of the page before; send its filters along."),
    ];

    // Every list goes by an id.
    private static readonly SearchValues<char> KeyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-");

    public static Result<Page> Parse(string? limit, string? cursor)
    {
        var rows = Default;
        if (limit is not null && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out rows) || rows is < 1 or > Most))
            return Problem.Invalid($"limit is a whole number from 1 to {Most}.");
        if (cursor is null) return new Page(rows, null);
        if (cursor.Length is 0 or > LongestCursor || !Base64Url.IsValid(cursor)) return UnknownCursor();

        var key = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor));
        return key.Length == 0 || key.AsSpan().ContainsAnyExcept(KeyCharacters) ? UnknownCursor() : new Page(rows, key);
    }

    public static Problem UnknownCursor() => Problem.Invalid("cursor is not one that this server gave: start again without it.");

    /// <summary>Cuts the row that was read beyond the page and names the cursor to go on with.</summary>
    public (IReadOnlyList<T> Rows, string? Next) Cut<T>(IReadOnlyList<T> rows, Func<T, string> key) => rows.Count <= Limit
        ? (rows, null)
        : ([.. rows.Take(Limit)], Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key(rows[Limit - 1]))));
}
