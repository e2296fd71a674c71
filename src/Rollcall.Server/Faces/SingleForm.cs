using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Server.Batches;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Faces;

/// <summary>The fields of a single enrolment.</summary>
internal static class SingleForm
{
    private const string ExternalId = "external_id";
    private const string Metadata = "metadata";

    public static MultipartForm Form { get; } = new(
    [
        FormPart.Image("image", "One file, JPEG, PNG or WebP by content; at most 10 MB."),
        new(ExternalId, PersonFields.ExternalId, "Your id of the person.") { IsRequired = true },
        new(Metadata, PersonFields.Metadata, "A JSON object, at most 16 KB."),
        .. GateFields.Parts("`reject` unless sent.", new FormPart(GateFields.DryRun, Schemas.Never(), "Not in this version yet.")),
    ]);

    public static Result<SingleRequest> Parse(IReadOnlyDictionary<string, string> form, CollectionSettings settings, FaceEngine engine)
    {
        if (!form.TryGetValue(ExternalId, out var externalId)) return Problem.Invalid("Send the person's external_id.");
        if (PersonFields.WrongExternalId(externalId) is { } wrong) return Problem.Invalid($"external_id: {wrong}");
        if (PersonFields.ParseMetadata(form.GetValueOrDefault(Metadata, "")).IsRefused(out var problem, out var metadata)) return problem;

        // Whoever enrols one person by hand does not expect to replace another: here a duplicate is refused unless it is asked for.
        var gates = GateFields.Parse(form, settings with { OnDuplicate = OnDuplicate.Reject }, engine);
        if (gates.IsRefused(out problem, out var options)) return problem;
        return options!.DryRun ? Problem.NotYet(GateFields.DryRun) : new SingleRequest(externalId, metadata, options);
    }
}
