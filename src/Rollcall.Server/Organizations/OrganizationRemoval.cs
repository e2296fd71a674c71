using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Audit;
using Rollcall.Server.Batches;
using Rollcall.Server.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Organizations;

/// <summary>Deletes an organization with all that it holds, piece by piece, so that the others never wait long for the database.</summary>
/// <remarks>
/// 1. One transaction closes it: keys, memberships, invitations and what waits to be worked on go, and the accounts that belong nowhere else. Its
///    collections take nothing any more, and its row is marked. From then on no credential opens it and no worker enrols anybody of it.
/// 2. References, people and jobs go, some at a time, each time rows first and images after.
/// 3. A last transaction takes the collections and the row.
/// 4. The index goes, and the database's log is emptied.
/// A process that dies in between goes on at 2 when it starts again; a turn that fails is taken up by the next.
/// </remarks>
internal sealed partial class OrganizationRemoval(
    Database database, FileBlobStore blobs, IndexFeed feed, BatchEvents events, TimeProvider time, ILogger<OrganizationRemoval> logger)
    : PeriodicService(TimeSpan.FromMinutes(10), time, logger)
{
    private const int RowsAtOnce = 2000;
    private const int JobsAtOnce = 50; // of at most 100 items each

    // Whom nothing but this organization knows: no other membership, and no invitation that they made elsewhere.
    private const string OfNobodyElse =
        """
        SELECT m.account_id FROM member m WHERE m.organization_id = @id
          AND NOT EXISTS (SELECT 1 FROM member o WHERE o.account_id = m.account_id AND o.organization_id <> @id)
          AND NOT EXISTS (SELECT 1 FROM invitation i WHERE i.invited_by = m.account_id AND i.organization_id <> @id)
        """;

    private readonly ConcurrentDictionary<string, bool> _inHand = new(StringComparer.Ordinal);
    private readonly TimeProvider _time = time;
    private readonly ILogger _logger = logger;

    /// <summary>The receipt, or why it is refused. A caller that goes away does not stop it half-way.</summary>
    public async Task<Result<OrganizationDeleted>> RemoveAsync(Actor actor, string name)
    {
        if ((await CloseAsync(actor, name)).IsRefused(out var problem, out var closed)) return problem;
        LogClosed(_logger, actor.OrganizationId, actor.AccountId);
        return await FinishAsync(actor.OrganizationId, closed!, CancellationToken.None);
    }

    /// <summary>The first step alone: the organization is closed, and all that it held is still to go. What it has lost so far.</summary>
    public Task<Result<OrganizationDeleted>> CloseAsync(Actor actor, string name) => database.WriteAsync<Result<OrganizationDeleted>>(
        async tx =>
        {
            if (await MemberStore.HeldAsync(tx, actor) is not { } held) return UnknownOrganization();
            if (held != OrganizationRole.Owner) return new Problem(ErrorCodes.InsufficientScope, $"This credential may not do that: {Rights.Needed(Right.Own)} is needed.");
            var key = new { id = actor.OrganizationId, now = _time.Now() };
            if (await tx.Connection!.ExecuteScalarAsync<string>("SELECT name FROM organization WHERE id = @id", key, tx) != name)
                return Problem.Invalid("confirm is not the organization's name: nothing was deleted.");

            var accounts = (await tx.Connection!.QueryAsync<string>(OfNobodyElse, key, tx)).AsList();
            await tx.Connection!.ExecuteAsync("DELETE FROM invitation WHERE organization_id = @id", key, tx);
            var members = await tx.Connection!.ExecuteAsync("DELETE FROM member WHERE organization_id = @id", key, tx);
            foreach (var some in accounts.Chunk(RowsAtOnce)) await DropAccountsAsync(tx, some);
            var keys = await tx.Connection!.ExecuteAsync("DELETE FROM api_key WHERE organization_id = @id", key, tx);
            await tx.Connection!.ExecuteAsync(
                """
                DELETE FROM work WHERE organization_id = @id;
                UPDATE collection SET deleted_at = COALESCE(deleted_at, @now), name = '', description = NULL, settings = '' WHERE organization_id = @id;
                UPDATE organization SET deleted_at = @now, name = '' WHERE id = @id;
                """,
                key,
                tx);
            return Nothing with { ApiKeys = keys, Members = members, Accounts = accounts.Count };
        },
        CancellationToken.None);

    /// <summary>What an earlier process began, or an earlier turn could not end.</summary>
    public async Task FinishAllAsync(CancellationToken ct)
    {
        var closed = await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<string>("SELECT id FROM organization WHERE deleted_at IS NOT NULL ORDER BY deleted_at", null, tx), ct);
        foreach (var id in closed) await FinishAsync(id, Nothing, ct);
    }

    /// <summary>Before the first request is answered. An image that cannot be deleted just now is no reason not to start.</summary>
    public async Task FinishAtStartAsync(CancellationToken ct)
    {
        try
        {
            await FinishAllAsync(ct);
        }
        catch (IOException e)
        {
            LogNotFinished(_logger, e);
        }
    }

    protected override Task RunAsync(CancellationToken ct) => FinishAllAsync(ct);

    private static OrganizationDeleted Nothing { get; } = new()
    {
        Deleted = true,
        Collections = 0,
        Faces = 0,
        Persons = 0,
        Jobs = 0,
        Images = 0,
        ApiKeys = 0,
        Members = 0,
        Accounts = 0,
        DeletedAt = default,
    };

    private static Problem UnknownOrganization() => Problem.NotFound("There is no such organization for this credential.");

    private async Task<OrganizationDeleted> FinishAsync(string id, OrganizationDeleted closed, CancellationToken ct)
    {
        if (!_inHand.TryAdd(id, true)) return closed; // its own request is at it
        try
        {
            var collections = (await database.ReadAsync(
                tx => tx.Connection!.QueryAsync<string>("SELECT id FROM collection WHERE organization_id = @id ORDER BY id", new { id }, tx), ct)).AsList();
            foreach (var collection in collections) feed.Drop(collection); // 4, as far as it can be done already

            // 2
            var (faces, persons, images) = (0L, 0L, 0L);
            foreach (var collection in collections)
            {
                var (gone, people, kept) = await DropFacesAsync(collection, ct);
                (faces, persons, images) = (faces + gone, persons + people, images + kept);
            }

            var (jobs, uploads) = await DropJobsAsync(id, ct);
            await DropRestAsync(id, collections, ct);

            await database.WriteAsync(
                async tx => // 3
                {
                    await AuditLog.RemoveSomeAsync(tx, id, int.MaxValue); // of a request that was under way when it was closed
                    await tx.Connection!.ExecuteAsync(
                        """
                        DELETE FROM suppression WHERE collection_id IN (SELECT id FROM collection WHERE organization_id = @id);
                        DELETE FROM person WHERE collection_id IN (SELECT id FROM collection WHERE organization_id = @id);
                        DELETE FROM collection WHERE organization_id = @id;
                        DELETE FROM organization WHERE id = @id;
                        """,
                        new { id },
                        tx);
                },
                ct);
            foreach (var collection in collections) feed.Drop(collection); // 4
            await database.ScrubAsync(ct);
            var receipt = closed with
            {
                Collections = collections.Count,
                Faces = faces,
                Persons = persons,
                Jobs = jobs,
                Images = images + uploads,
                DeletedAt = _time.GetUtcNow(),
            };
            LogDeleted(_logger, id, receipt.Collections, receipt.Faces, receipt.Jobs, receipt.Images);
            return receipt;
        }
        catch (IOException)
        {
            await database.ScrubAsync(ct); // an image stays for now; what is gone from the tables is gone
            throw;
        }
        finally
        {
            _inHand.TryRemove(id, out _);
        }
    }

    private async Task<(long Faces, long Persons, long Images)> DropFacesAsync(string collection, CancellationToken ct)
    {
        var (faces, persons, images) = (0L, 0L, 0L);
        while (true)
        {
            var (gone, people) = await database.WriteAsync(
                async tx =>
                {
                    var some = (await tx.Connection!.QueryAsync<RemovedFace>(
                        $"SELECT {RemovedFace.Columns} FROM face WHERE collection_id = @collection LIMIT @most", new { collection, most = RowsAtOnce }, tx)).AsList();
                    await tx.Connection!.ExecuteAsync("DELETE FROM face WHERE num IN @nums", new { nums = some.Select(face => face.Num) }, tx);
                    return (some, await FaceRemoval.DropPersonsAsync(tx, FaceRemoval.PersonsOf(some)));
                },
                ct);
            var kept = FaceRemoval.ImagesOf(gone);
            blobs.DeleteAll(kept);
            (faces, persons, images) = (faces + gone.Count, persons + people, images + kept.Count);
            if (gone.Count < RowsAtOnce) return (faces, persons, images);
        }
    }

    private async Task<(long Jobs, long Uploads)> DropJobsAsync(string id, CancellationToken ct)
    {
        var (jobs, uploads) = (0L, 0L);
        while (true)
        {
            var (gone, owned) = await database.WriteAsync(
                async tx =>
                {
                    var some = (await tx.Connection!.QueryAsync<string>(
                        "SELECT id FROM job WHERE organization_id = @id ORDER BY id LIMIT @most", new { id, most = JobsAtOnce }, tx)).AsList();
                    return (some, await JobRemoval.DropAsync(tx, some));
                },
                ct);
            events.Changed(gone);
            blobs.DeleteAll(owned);
            (jobs, uploads) = (jobs + gone.Count, uploads + owned.Count);
            if (gone.Count < JobsAtOnce) return (jobs, uploads);
        }
    }

    /// <summary>What there may be much of and nobody counts, the audit log with it.</summary>
    private async Task DropRestAsync(string id, IReadOnlyList<string> collections, CancellationToken ct)
    {
        foreach (var collection in collections)
        {
            await SomeAtATimeAsync(
                "DELETE FROM face_tombstone WHERE collection_id = @key AND change_seq IN (SELECT change_seq FROM face_tombstone WHERE collection_id = @key LIMIT @most)", collection, ct);
        }

        await SomeAtATimeAsync(
            "DELETE FROM idempotency WHERE organization_id = @key AND key IN (SELECT key FROM idempotency WHERE organization_id = @key LIMIT @most)", id, ct);
        while (await database.WriteAsync(tx => AuditLog.RemoveSomeAsync(tx, id, RowsAtOnce), ct) > 0)
        {
        }
    }

    private async Task SomeAtATimeAsync(string delete, string key, CancellationToken ct)
    {
        while (await database.WriteAsync(tx => tx.Connection!.ExecuteAsync(delete, new { key, most = RowsAtOnce }, tx), ct) > 0)
        {
        }
    }

    private static Task DropAccountsAsync(DbTransaction tx, IReadOnlyList<string> accounts) => tx.Connection!.ExecuteAsync(
        """
        DELETE FROM refresh_token WHERE session_id IN (SELECT id FROM session WHERE account_id IN @accounts);
        DELETE FROM session WHERE account_id IN @accounts;
        DELETE FROM external_identity WHERE account_id IN @accounts;
        DELETE FROM account WHERE id IN @accounts;
        """,
        new { accounts },
        tx);

    [LoggerMessage(2801, LogLevel.Information, "Organization {OrganizationId} is closed by {ActorId}: no credential opens it any more, and all that it holds is being deleted.")]
    private static partial void LogClosed(ILogger logger, string organizationId, string actorId);

    [LoggerMessage(2802, LogLevel.Information, "Organization {OrganizationId} is deleted: {Collections} collections, {Faces} references, {Jobs} jobs, {Images} images.")]
    private static partial void LogDeleted(ILogger logger, string organizationId, long collections, long faces, long jobs, long images);

    [LoggerMessage(2803, LogLevel.Warning, "At the start an organization that was being deleted could not be deleted to its end; it is tried again.")]
    private static partial void LogNotFinished(ILogger logger, Exception exception);
}
