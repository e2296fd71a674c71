using System.Globalization;

namespace Rollcall.Server.Hosting;

/// <summary>Values of form fields, as the contract writes them.</summary>
internal static class FieldValues
{
    public static bool TryShare(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is >= 0 and <= 1;

    /// <summary>A name is some text that can be shown on one line.</summary>
    public static bool IsNoName(string? text, int longest) => string.IsNullOrWhiteSpace(text) || text.Length > longest || text.Any(char.IsControl);

    public static bool TryFlag(IReadOnlyDictionary<string, string> fields, string name, bool fallback, out bool value)
    {
        value = fallback;
        if (!fields.TryGetValue(name, out var text)) return true;
        value = text == "true";
        return text is "true" or "false";
    }
}
