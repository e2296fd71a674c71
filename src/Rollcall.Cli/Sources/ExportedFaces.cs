using System.Text.Json;
using System.Text.Json.Nodes;

namespace Rollcall.Cli.Sources;

/// <summary>
/// What another product lists of its faces, with the photographs in a folder beside: each found by one of the names that the other product knows
/// it by. A face without a photograph fails and says so, and so does one whose photograph could be another's; its vector is of another model and
/// cannot be taken over.
/// </summary>
internal abstract class ExportedFaces(string path, string images) : PhotographSource
{
    public override string Name => path;

    /// <summary>The member that holds the list in an answer of the other product.</summary>
    protected abstract string List { get; }

    public override IEnumerable<Photograph> Photographs()
    {
        using var folder = new FolderSource(images, ExternalIdRule.File);
        using var names = new ImageNames(folder);
        using var file = File.OpenRead(path);
        using var faces = new FaceListReader(file, List).Faces().GetEnumerator();
        while (Next(faces))
        {
            names.Add(Read(faces.Current, names));
        }

        foreach (var photograph in names.Faces())
        {
            yield return photograph;
        }
    }

    public override ValueTask<Stream> OpenAsync(string location, CancellationToken cancellationToken) => ValueTask.FromResult(OpenFile(location));

    protected abstract Photograph Read(JsonElement face, ImageNames names);

    protected Photograph Create(ImageNames images, string? externalId, JsonObject metadata, params ReadOnlySpan<string?> names)
    {
        IReadOnlyList<string> found = [];
        var name = "?";
        foreach (var one in names)
        {
            if (one is null) continue;
            if (name == "?") name = one;
            if (images.Find(one) is { Count: > 0 } called)
            {
                (found, name) = (called, one);
                break;
            }
        }

        var why = externalId is null ? "it names nobody." : ExternalIdRule.Wrong(externalId);
        return new(found.Count == 1 ? found[0] : name, why is null ? externalId! : "")
        {
            Metadata = metadata.ToJsonString(),
            Refusal = why is not null ? new(Refusal.NoExternalId, $"'{name}': {why}") : Missing(found, name),
        };
    }

    protected static string? Text(JsonElement face, string name) =>
        face.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private Refusal? Missing(IReadOnlyList<string> found, string name) => found.Count switch
    {
        0 => new(Refusal.FileNotReadable, $"There is no photograph called '{name}' in {images}."),
        1 => null,
        _ => new(Refusal.AmbiguousPhotograph, $"Several photographs are called '{name}': '{Path.GetRelativePath(images, found[0])}', '{Path.GetRelativePath(images, found[1])}'."),
    };

    private bool Next(IEnumerator<JsonElement> faces)
    {
        try
        {
            return faces.MoveNext();
        }
        catch (JsonException exception)
        {
            throw CommandException.Usage($"{path} is no JSON, or it breaks off: {exception.Message}");
        }
        catch (InvalidDataException)
        {
            throw CommandException.Usage($"{path} is no list of faces: it has neither '{List}' nor faces in it.");
        }
    }
}
