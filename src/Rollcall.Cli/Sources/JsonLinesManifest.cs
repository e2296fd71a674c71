using System.Text.Json;

namespace Rollcall.Cli.Sources;

/// <summary>A JSON object a line: <c>{"path": …, "external_id": …, "metadata": {…}}</c>.</summary>
internal sealed class JsonLinesManifest(string path) : Manifest(path)
{
    private readonly string _path = path;

    public override IEnumerable<Photograph> Photographs()
    {
        var line = 0L;
        foreach (var text in File.ReadLines(_path))
        {
            line++;
            if (string.IsNullOrWhiteSpace(text)) continue;
            yield return Read(line, text);
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
        catch (JsonException exception)
        {
            throw WrongLine(line, $"it is no JSON object: {exception.Message}");
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
