using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rollcall.Cli.Sources;

/// <summary>
/// What another product lists of its faces, with the photographs in a folder beside: each found by one of the names that the other product knows
/// it by. A face without a photograph fails and says so; its vector is of another model and cannot be taken over.
/// </summary>
internal abstract class ExportedFaces(string path, string images) : PhotographSource
{
    private Dictionary<string, string>? _byName;

    public override string Name => path;

    /// <summary>The member that holds the list in an answer of the other product.</summary>
    protected abstract string List { get; }

    public override IEnumerable<Photograph> Photographs()
    {
        _byName ??= Index();
        foreach (var page in Pages())
        {
            foreach (var face in page)
            {
                yield return Read(face);
            }
        }
    }

    public override ValueTask<Stream> OpenAsync(string location, CancellationToken cancellationToken) => ValueTask.FromResult(OpenFile(location));

    protected abstract Photograph Read(JsonElement face);

    protected Photograph Create(string? externalId, JsonObject metadata, params ReadOnlySpan<string?> names)
    {
        var location = "";
        foreach (var name in names)
        {
            if (name is not null && (_byName!.GetValueOrDefault(name) ?? _byName!.GetValueOrDefault(Path.GetFileNameWithoutExtension(name))) is { } found)
            {
                location = found;
                break;
            }
        }

        var shown = location.Length > 0 ? location : names[0] ?? "?";
        var why = externalId is null ? "it names nobody." : ExternalIdRule.Wrong(externalId);
        return new(shown, why is null ? externalId! : "")
        {
            Metadata = metadata.ToJsonString(),
            Refusal = why is not null
                ? new(Refusal.NoExternalId, $"'{shown}': {why}")
                : location.Length == 0 ? new(Refusal.FileNotReadable, $"There is no photograph called '{shown}' in {images}.") : null,
        };
    }

    protected static string? Text(JsonElement face, string name) =>
        face.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private Dictionary<string, string> Index()
    {
        var byName = new Dictionary<string, string>(StringComparer.Ordinal);
        using var folder = new FolderSource(images, ExternalIdRule.File);
        foreach (var photograph in folder.Photographs())
        {
            byName.TryAdd(Path.GetFileNameWithoutExtension(photograph.Location), photograph.Location);
            byName.TryAdd(Path.GetFileName(photograph.Location), photograph.Location);
        }

        return byName;
    }

    /// <summary>An answer, several answers one after the other, a list of answers, or a bare list of faces.</summary>
    private IEnumerable<List<JsonElement>> Pages()
    {
        using var file = File.OpenRead(path);
        var documents = JsonSerializer.DeserializeAsyncEnumerable(file, JsonElementContext.Default.JsonElement, topLevelValues: true);
        using var document = documents.ToBlockingEnumerable().GetEnumerator();
        while (Next(document))
        {
            yield return Faces(document.Current);
        }
    }

    private bool Next(IEnumerator<JsonElement> document)
    {
        try
        {
            return document.MoveNext();
        }
        catch (JsonException exception)
        {
            throw CommandException.Usage($"{path} is no JSON, or it breaks off: {exception.Message}");
        }
    }

    private List<JsonElement> Faces(JsonElement document)
    {
        if (document.ValueKind == JsonValueKind.Object && document.TryGetProperty(List, out var list) && list.ValueKind == JsonValueKind.Array)
            return [.. list.EnumerateArray()];
        if (document.ValueKind == JsonValueKind.Object) return [document];
        if (document.ValueKind == JsonValueKind.Array) return [.. document.EnumerateArray().SelectMany(Faces)];
        throw CommandException.Usage($"{path} is no list of faces: it has neither '{List}' nor faces in it.");
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonElement))]
internal sealed partial class JsonElementContext : System.Text.Json.Serialization.JsonSerializerContext;
