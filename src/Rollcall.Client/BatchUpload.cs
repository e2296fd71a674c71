using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

/// <summary>The body of a submit: text first, so that a server can refuse before the first image; then the images, streamed.</summary>
internal static class BatchUpload
{
    public const int MostImages = 100;
    public const int MostImagesWhileWaiting = 20;

    /// <summary>A letter that is no ASCII is sent as it is: escaped, metadata well within its limit would be beyond it.</summary>
    private static readonly RollcallJsonContext Plain = new(new JsonSerializerOptions(RollcallJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static MultipartFormDataContent Create(IReadOnlyList<BatchEntry> entries, BatchOptions? options)
    {
        var form = new UploadForm();
        form.Add("on_duplicate", options?.OnDuplicate);
        form.Add("multiple_faces", options?.MultipleFaces);
        form.Add("min_quality", options?.MinQuality);
        form.Add("check_liveness", options?.CheckLiveness);
        form.Add("allow_identity_change", options?.AllowIdentityChange);
        form.Add("dry_run", options?.DryRun);
        AddPeople(form, entries);
        foreach (var entry in entries)
        {
            form.Add("images", entry.Image);
        }

        return form.Content;
    }

    /// <summary>Metadata is paired by order and cannot be left out for some: the first of it turns the list into one JSON part.</summary>
    private static void AddPeople(UploadForm form, IReadOnlyList<BatchEntry> entries)
    {
        if (entries.Any(entry => entry.Metadata is not null))
        {
            UploadEntry[] people = [.. entries.Select(entry => new UploadEntry(entry.ExternalId, entry.Metadata))];
            form.Add("entries", JsonSerializer.Serialize(people, Plain.UploadEntryArray));
            return;
        }

        foreach (var entry in entries)
        {
            form.Add("external_ids[]", entry.ExternalId);
        }
    }
}

internal sealed record UploadEntry(
    string ExternalId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Metadata);
