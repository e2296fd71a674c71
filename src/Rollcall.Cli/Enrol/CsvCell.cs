namespace Rollcall.Cli.Enrol;

internal static class CsvCell
{
    /// <summary>Quoted where needed. What a spreadsheet would take for a formula gets an apostrophe before it: names come from strangers.</summary>
    public static string Of(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        if (text[0] is '=' or '+' or '-' or '@' or '\t' or '\r') text = "'" + text;
        return text.AsSpan().IndexOfAny(",\"\r\n;") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
