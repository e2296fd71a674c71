using System.Text.Json;
using Microsoft.OpenApi;
using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Batches;

/// <summary>The text parts of a batch, gathered in any order and then judged together.</summary>
internal sealed class BatchForm
{
    public const int MostImages = 100;

    private static readonly FormPart Images = new("images", Schemas.Many(Schemas.File(), 1, MostImages), "The files, JPEG, PNG or WebP by content; at most 10 MB each. One name for all or several: pairing is by order.")
    {
        OtherNames = ["images[]"],
        NamePattern = "^images\\[[0-9]+\\]$",
        IsImage = true,
    };

    private static readonly FormPart ExternalIds = new("external_ids[]", Schemas.Many(PersonFields.ExternalId, 1, MostImages), "Your id of the person in each image, in the order of the images.")
    {
        OtherNames = ["external_ids"],
    };

    private static readonly FormPart Metadata = new("metadata[]", Schemas.Many(PersonFields.Metadata, 1, MostImages), "A JSON object for each image, in the order of the images; empty for none. Or none at all.")
    {
        OtherNames = ["metadata"],
    };

    private static readonly FormPart EntriesPart = new(
        "entries",
        Schemas.Json(Schemas.Many(
            new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    ["external_id"] = PersonFields.ExternalId,
                    ["metadata"] = new OpenApiSchema { Type = JsonSchemaType.Object | JsonSchemaType.Null },
                },
                Required = new HashSet<string> { "external_id" },
                AdditionalPropertiesAllowed = false,
            },
            1,
            MostImages)),
        "Instead of the two: an entry for each image, in the order of the images.");

    private static readonly FormPart DryRun = new(
        GateFields.DryRun, Schemas.Flag().Or(false), "Whether the job only tells what would happen: nothing is enrolled, and the images go at once.");

    private readonly List<string> _externalIds = [];
    private readonly List<string> _metadata = [];
    private readonly Dictionary<string, string> _single = new(StringComparer.Ordinal);

    public static MultipartForm Form { get; } = new([Images, ExternalIds, Metadata, EntriesPart, .. GateFields.Parts("the collection's setting unless sent.", DryRun)])
    {
        Either = ["external_ids[]", "external_ids", "entries"],
    };

    public static bool IsImage(string name) =>
        name is "images" or "images[]" || (name.StartsWith("images[", StringComparison.Ordinal) && name.EndsWith(']') && name.AsSpan()[7..^1].IndexOfAnyExceptInRange('0', '9') < 0);

    public Problem? Add(string name, string value)
    {
        var part = Form.Find(name) ?? throw new ArgumentException($"The form has no part '{name}'.", nameof(name));
        if (part != ExternalIds && part != Metadata) return _single.TryAdd(name, value) ? null : Problem.Invalid($"The part '{name}' is there twice.");

        (part == ExternalIds ? _externalIds : _metadata).Add(value);
        return null;
    }

    public Result<JobOptions> Options(CollectionSettings settings, FaceEngine engine) => GateFields.Parse(_single, settings, engine);

    /// <summary>The person of each image, in the order of the images.</summary>
    public Result<IReadOnlyList<(string ExternalId, string? Metadata)>> Entries(int images)
    {
        if (images == 0) return new Problem(ErrorCodes.NoImages, "Send 1 to 100 files as 'images'.");
        if (_single.TryGetValue(EntriesPart.Name, out var json))
        {
            if (_externalIds.Count + _metadata.Count > 0) return Problem.Invalid("Send either 'entries' or 'external_ids[]' and 'metadata[]'.");
            if (ParseEntries(json) is { } problem) return problem;
        }

        if (_externalIds.Count != images) return Mismatch("external_ids[]", _externalIds.Count, images);
        if (_metadata.Count != 0 && _metadata.Count != images) return Mismatch("metadata[]", _metadata.Count, images);

        var entries = new (string, string?)[images];
        for (var i = 0; i < images; i++)
        {
            if (PersonFields.WrongExternalId(_externalIds[i]) is { } wrong) return Problem.Invalid($"external_ids[{i}]: {wrong}");
            if (PersonFields.ParseMetadata(_metadata.Count == 0 ? "" : _metadata[i]).IsRefused(out var refused, out var metadata))
                return refused with { Message = $"metadata[{i}]: {refused.Message}" };
            entries[i] = (_externalIds[i], metadata);
        }

        return entries;
    }

    private static Problem Mismatch(string part, int count, int images) =>
        new(ErrorCodes.CountMismatch, $"There are {images} images and {count} of '{part}': send one for each image, in the same order.");

    private Problem? ParseEntries(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (var entry in document.RootElement.EnumerateArray())
            {
                string? externalId = null;
                var metadata = "";
                foreach (var property in entry.EnumerateObject())
                {
                    if (property.NameEquals("external_id")) externalId = property.Value.GetString();
                    else if (property.NameEquals("metadata")) metadata = property.Value.ValueKind == JsonValueKind.Null ? "" : property.Value.GetRawText();
                    else return Problem.Invalid($"entries: '{property.Name}' is not known here.");
                }

                if (externalId is null) return Problem.Invalid("entries: each has an external_id.");
                _externalIds.Add(externalId);
                _metadata.Add(metadata);
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Problem.Invalid("entries is one JSON array of objects with external_id and, if wanted, metadata.");
        }
    }
}
