using System.Globalization;

namespace Rollcall.Server.Hosting;

/// <summary>Values of form fields, as the contract writes them.</summary>
internal static class FieldValues
{
    public static bool TryShare(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is >= 0 and <= 1;

    public static bool TryFlag(IReadOnlyDictionary<string, string> fields, string name, bool fallback, out bool value)
    {
        value = fallback;
        if (!fields.TryGetValue(name, out var text)) return true;
        value = text == "true";
        return text is "true" or "false";
    }
}
