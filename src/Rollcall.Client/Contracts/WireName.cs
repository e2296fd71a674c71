using System.Text.Json;

namespace Rollcall.Client.Contracts;

/// <summary>The names that the enums of the contract have outside JSON: in form fields, query strings and records.</summary>
public static class WireName
{
    /// <summary>The name of a value, such as <c>replace_if_better</c>.</summary>
    /// <typeparam name="TEnum">An enum of the contract.</typeparam>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentOutOfRangeException">The enum has no such value.</exception>
    public static string Of<TEnum>(TEnum value)
        where TEnum : struct, Enum
    {
        var place = Array.IndexOf(Table<TEnum>.Values, value);
        return place >= 0 ? Table<TEnum>.Names[place] : throw new ArgumentOutOfRangeException(nameof(value), value, null);
    }

    /// <summary>The value of a name, compared exactly.</summary>
    /// <typeparam name="TEnum">An enum of the contract.</typeparam>
    /// <param name="name">The name, such as <c>replace_if_better</c>.</param>
    /// <param name="value">The value; the enum's first one when there is none of this name.</param>
    /// <returns>Whether there is a value of this name.</returns>
    public static bool TryParse<TEnum>(string? name, out TEnum value)
        where TEnum : struct, Enum
    {
        var place = Array.IndexOf(Table<TEnum>.Names, name);
        value = place >= 0 ? Table<TEnum>.Values[place] : default;
        return place >= 0;
    }

    private static class Table<TEnum>
        where TEnum : struct, Enum
    {
        public static readonly TEnum[] Values = Enum.GetValues<TEnum>();
        public static readonly string[] Names = [.. Values.Select(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()))];
    }
}
