using System.Buffers;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Audit;

/// <summary>All that is committed is chained before any of them answers, so that nobody reads from behind an act that they saw succeed.</summary>
internal static class AuditEndpoints
{
    private const string Lines = "application/x-ndjson";
    private const int LinesAtOnce = 1000;

    private static readonly RequestParameter[] Filters =
    [
        RequestParameter.Query("action", Schemas.Choice(AuditActions.All), "What was done."),
        RequestParameter.Query("actor", Schemas.Text(shortest: 1), "Who did it: the id of a key or of an account."),
        RequestParameter.Query("target", Schemas.Text(shortest: 1), "What it was done to: the id of a face, a job, a collection, a key, an account …"),
        RequestParameter.Query("external_id", PersonFields.ExternalId, "Your id of the person whom it is about. The log has only an HMAC of it, and is searched by that."),
        RequestParameter.Query("after", Schemas.Moment(), "Done after that moment."),
        RequestParameter.Query("before", Schemas.Moment(), "Done before that moment."),
    ];

    private static readonly RequestParameter Anchor = RequestParameter.Query(
        "head", Schemas.Text().Matching("^[0-9]{1,18}:[0-9a-f]{64}$"), "A head that you kept, `NUMBER:HASH`: the entry of that number must still be there with that hash.");

    public static void MapAudit(this IEndpointRouteBuilder api)
    {
        var log = api.MapGroup("/organizations/{org_id}/audit-log").RequireRight(Right.Administer).WithTags("Audit log");
        log.MapGet("", ListAsync).Describe("listAuditLog", "Who did what to which person or key, when, from where")
            .Takes([.. Filters, .. Page.Parameters]).Answers(StatusCodes.Status200OK, "A page of entries.");
        log.MapGet("/verify", VerifyAsync)
            .Describe("verifyAuditLog", "Verify the chain", "Goes through the whole log. A log that was cut at its end and given a new head is seen only against a head that was kept elsewhere.")
            .Takes(Anchor).Answers(StatusCodes.Status200OK, "Whether each entry is the one that was written, and where it is not first.");
        log.MapGet("/export", ExportAsync)
            .Describe("exportAuditLog", "Export the log", "A line of JSON for each entry, the oldest first; docs/audit.md says how to verify them.")
            .Takes(RequestParameter.Query("from", new() { Type = Microsoft.OpenApi.JsonSchemaType.Integer, Format = "int64", Minimum = "1", Default = 1 }, "The number to begin with."))
            .Produces<string>(StatusCodes.Status200OK, Lines).Answers(StatusCodes.Status200OK, "The entries.");
    }

    private static async Task<Results<Ok<ApiResponse<AuditEntryList>>, Problem>> ListAsync(
        string? action,
        string? actor,
        string? target,
        [FromQuery(Name = "external_id")] string? externalId,
        string? after,
        string? before,
        string? limit,
        string? cursor,
        HttpRequest http,
        Caller caller,
        PersonMarks marks,
        AuditSequencer sequencer,
        AuditLog log,
        CancellationToken ct)
    {
        if (action is not null && !AuditActions.All.Contains(action, StringComparer.Ordinal)) return Problem.Invalid($"action is one of: {string.Join(", ", AuditActions.All)}.");
        if (http.Query["external_id"].Count > 1 || (externalId is not null && PersonFields.WrongExternalId(externalId) is not null)) return Problem.Invalid("Name one person: ?external_id=… once.");
        if (!Rfc3339.TryParse(after, out var from) || !Rfc3339.TryParse(before, out var until))
            return Problem.Invalid("after and before are times as RFC 3339 writes them: 2026-01-31T12:00:00Z.");
        if (Page.Parse(limit, cursor).IsRefused(out var problem, out var page)) return problem;
        var below = long.MaxValue;
        if (page.After is not null && !long.TryParse(page.After, NumberStyles.None, CultureInfo.InvariantCulture, out below)) return Page.UnknownCursor();

        await sequencer.ChainAsync(caller.OrganizationId, ct);
        var filter = new AuditFilter(action, actor, target, externalId is null ? null : marks.Of(caller.OrganizationId, externalId), from, until);
        var (rows, next) = page.Cut(await log.ListAsync(caller.OrganizationId, filter, below, page.Limit + 1, ct), row => row.Number!.Value.ToString(CultureInfo.InvariantCulture));
        return Envelope.Ok(new AuditEntryList { Entries = [.. rows.Select(ToContract)], NextCursor = next });
    }

    private static async Task<Results<Ok<ApiResponse<AuditLogVerification>>, Problem>> VerifyAsync(
        string? head, Caller caller, AuditSequencer sequencer, AuditVerifier verifier, CancellationToken ct)
    {
        AuditHead? anchor = null;
        if (head is not null && !AuditHead.TryParse(head, out anchor)) return Problem.Invalid("head is one that this route answered: NUMBER:HASH.");

        var isCarriedOn = await sequencer.ChainAsync(caller.OrganizationId, ct);
        var verdict = await verifier.VerifyAsync(caller.OrganizationId, anchor, ct);
        if (!isCarriedOn && verdict.Break is null) verdict = verdict with { Break = new AuditBreak(verdict.Head.Number + 1, AuditBreak.Inserted) };
        return Envelope.Ok(new AuditLogVerification
        {
            Valid = verdict.Break is null,
            Entries = verdict.Head.Number,
            Head = new AuditLogHead { Number = verdict.Head.Number, Hash = verdict.Head.Hash },
            FirstBad = verdict.Break?.Number,
            Reason = verdict.Break?.Reason,
        });
    }

    private static async Task<IResult> ExportAsync(string? from, Caller caller, AuditSequencer sequencer, AuditLog log, CancellationToken ct)
    {
        var first = 1L;
        if (from is not null && (!long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out first) || first < 1)) return Problem.Invalid("from is the number of an entry, 1 or more.");

        await sequencer.ChainAsync(caller.OrganizationId, ct);
        return TypedResults.Stream(body => WriteAsync(body, caller.OrganizationId, first, log, ct), Lines);
    }

    /// <summary>Some lines at a time, so that a slow reader holds nothing up: entries do not change, and new ones come at the end.</summary>
    internal static async Task WriteAsync(Stream body, string organizationId, long first, AuditLog log, CancellationToken ct)
    {
        var (lines, scratch) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        while (true)
        {
            var rows = await log.ReadAsync(organizationId, first, LinesAtOnce, ct);
            foreach (var row in rows) AuditLine.WriteWithHash(lines, scratch, row);
            await body.WriteAsync(lines.WrittenMemory, ct);
            lines.ResetWrittenCount();
            if (rows.Count < LinesAtOnce) return;
            first = rows[^1].Number!.Value + 1;
        }
    }

    private static AuditEntry ToContract(AuditRow row) => new()
    {
        Number = row.Number!.Value,
        OrganizationId = row.OrganizationId,
        At = row.At.ToTime(),
        Action = row.Action,
        Actor = new AuditActor { Kind = row.ActorKind, Id = row.ActorId, Label = row.ActorLabel },
        Address = row.Address,
        RequestId = row.RequestId,
        Target = row.TargetKind is null ? null : new AuditTarget { Kind = row.TargetKind, Id = row.TargetId! },
        CollectionId = row.CollectionId,
        Person = row.Person,
        Details = row.Details is null ? null : JsonNode.Parse(row.Details) as JsonObject,
        Hash = row.Hash!,
    };
}
