using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Client.Contracts;
using Rollcall.Server.Audit;
using Rollcall.Server.Collections;
using Rollcall.Server.Hosting;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Recognition;

internal static class VerifyEndpoint
{
    public static async Task<Results<Ok<ApiResponse<VerifyResult>>, Problem>> VerifyAsync(
        [FromRoute(Name = "collection_id")] string collectionId,
        HttpContext http,
        Caller caller,
        CollectionStore collections,
        Verification verification,
        ProbeEngine probes,
        IdentificationTrail trail,
        CancellationToken ct)
    {
        if ((await collections.UsableAsync(caller.OrganizationId, collectionId, ct)).IsRefused(out var problem, out _)) return problem;
        var probe = await probes.AnalyzeAsync(http.Request, caller.OrganizationId, VerifyRequest.Form, VerifyRequest.Parse, request => request.MultipleFaces, ct);
        if (probe.IsRefused(out problem, out var analysed)) return problem;

        var (found, request) = analysed;
        var verified = await verification.VerifyAsync(caller.OrganizationId, collectionId, found.Embedding, found.FacesFound, request, ct);
        if (verified.IsRefused(out problem, out var result)) return problem;
        await trail.VerifiedAsync(caller.OrganizationId, collectionId, result!);
        return Envelope.Ok(result!);
    }
}
