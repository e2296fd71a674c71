using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Rollcall.Server.Audit;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Faces;

/// <summary>
/// People who are not to be enrolled. Of each there is an HMAC of the external id alone, under a key of this installation that is no part of
/// the database: whoever has the tables cannot try ids out.
/// </summary>
internal sealed class Suppressions(DataFolder folder, Database database, AuditTrail audit, TimeProvider time)
{
    public const string KeyName = "suppression.key";

    private readonly Lazy<byte[]> _key = new(() => SecretFile.ReadOrCreate(folder, KeyName));

    /// <summary>Tells this key from another and nothing more.</summary>
    private string KeyCheck => Hash("which key this is")[..16];

    /// <summary>The same person has another mark in another collection: two lists cannot be laid side by side.</summary>
    public string MarkOf(string collectionId, string externalId) => Hash($"{collectionId}\0{externalId}");

    /// <summary>Within the transaction that erases the person; false when the collection is gone.</summary>
    public async Task<bool> AddAsync(DbTransaction tx, string organizationId, string collectionId, string externalId)
    {
        var added = await tx.Connection!.ExecuteAsync(
            """
            INSERT INTO suppression (collection_id, mark, key_check, created_at)
            SELECT id, @mark, @KeyCheck, @now FROM collection WHERE id = @collectionId AND organization_id = @organizationId AND deleted_at IS NULL
            ON CONFLICT (collection_id, mark) DO UPDATE SET mark = excluded.mark
            """,
            new { mark = MarkOf(collectionId, externalId), KeyCheck, now = time.Now(), collectionId, organizationId },
            tx);
        return added == 1;
    }

    /// <summary>Lets the person be enrolled again; false when nothing stood against it.</summary>
    public async Task<bool> LiftAsync(string organizationId, string collectionId, string externalId, CancellationToken ct) => await database.WriteAsync(
        async tx =>
        {
            var isLifted = await tx.Connection!.ExecuteAsync(
                """
                DELETE FROM suppression WHERE collection_id = @collectionId AND mark = @mark
                  AND collection_id IN (SELECT id FROM collection WHERE organization_id = @organizationId)
                """,
                new { collectionId, mark = MarkOf(collectionId, externalId), organizationId },
                tx) == 1;
            if (isLifted) await audit.RecordAsync(tx, organizationId, AuditEvent.OfFace(AuditActions.SuppressionLifted, collectionId, null, externalId));
            return isLifted;
        },
        ct);

    /// <summary>How many people there are, or of one: 1 or 0.</summary>
    public Task<long> CountAsync(string organizationId, string collectionId, string? externalId, CancellationToken ct) => database.ReadAsync(
        tx => tx.Connection!.ExecuteScalarAsync<long>(
            """
            SELECT COUNT(*) FROM suppression s JOIN collection c ON c.id = s.collection_id
            WHERE s.collection_id = @collectionId AND c.organization_id = @organizationId AND (@mark IS NULL OR s.mark = @mark)
            """,
            new { collectionId, organizationId, mark = externalId is null ? null : MarkOf(collectionId, externalId) },
            tx),
        ct);

    /// <summary>Those of the people who are not to be enrolled, as things stand in the transaction.</summary>
    public async Task<IReadOnlySet<(string Collection, string ExternalId)>> AmongAsync(
        DbTransaction tx, IEnumerable<(string Collection, string ExternalId)> people)
    {
        var marks = people.Distinct().ToDictionary(person => MarkOf(person.Collection, person.ExternalId), StringComparer.Ordinal);
        var found = await tx.Connection!.QueryAsync<string>(
            "SELECT mark FROM suppression WHERE collection_id IN @collections AND mark IN @marks",
            new { collections = marks.Values.Select(person => person.Collection).Distinct(), marks = marks.Keys },
            tx);
        return found.Select(mark => marks[mark]).ToHashSet();
    }

    /// <summary>At the start: under another key nobody who is suppressed would be found again, and all of them could be enrolled.</summary>
    public async Task CheckKeyAsync(CancellationToken ct)
    {
        var path = Path.Combine(folder.Secrets, KeyName);
        var check = File.Exists(path) ? KeyCheck : ""; // one that is made now is another
        var lost = await database.ReadAsync(
            tx => tx.Connection!.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM suppression WHERE key_check <> @check", new { check }, tx), ct);
        if (lost > 0)
        {
            throw new StartupException(
                $"{lost} people are suppressed under another key than there is in {path}, and would be enrolled again. "
                + "Put the file back from the backup. If it is lost, so are these suppressions: docs/operating.md says how to give them up.");
        }

        _ = _key.Value;
    }

    private string Hash(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(_key.Value, Encoding.UTF8.GetBytes(text)));
}
