using System.Text;
using System.Text.Json;

namespace Rollcall.Cli.Sources;

/// <summary>A JSON object a line: <c>{"path": …, "external_id": …, "metadata": {…}}</c>.</summary>
internal sealed class JsonLinesManifest(string path) : Manifest(path)
{
    public override IEnumerable<Photograph> Photographs()
    {
        using var lines = OpenText();
        for (var line = 1L; Next(lines) is { } text; line++)
        {
            if (!string.IsNullOrWhiteSpace(text)) yield return Read(line, text);
        }
    }

    private string? Next(StreamReader lines)
    {
        try
        {
            return lines.ReadLine();
        }
        catch (DecoderFallbackException)
        {
            throw NoUtf8();
        }
    }

    private Photograph Read(long line, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw WrongLine(line, "it is no JSON object.");
            return Check(
                line,
                Text(root, "path"),
                Text(root, "external_id"),
                root.TryGetProperty("metadata", out var metadata) && metadata.ValueKind != JsonValueKind.Null ? metadata.GetRawText() : null);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw WrongLine(line, $"it is no JSON object: {exception.Message}");
        }
    }

    /// <summary>A text; a number is taken as it is written.</summary>
    private static string? Text(JsonElement root, string name) => !root.TryGetProperty(name, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}
