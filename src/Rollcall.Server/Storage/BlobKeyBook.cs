using Dapper;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Storage;

/// <summary>
/// Remembers which keys images were encrypted with, so that a start without one of them, or with another in its place, says so at once and not
/// when somebody needs the image.
/// </summary>
internal sealed class BlobKeyBook(Database database, BlobKeys keys, TimeProvider time)
{
    /// <summary>Holds what is configured against what was used, and notes the active key before anything is encrypted with it.</summary>
    public async Task CheckAsync(CancellationToken ct)
    {
        var used = await database.ReadAsync(tx => tx.Connection!.QueryAsync<(string Id, string Check)>("SELECT id, key_check FROM blob_key ORDER BY id", null, tx), ct);
        foreach (var (id, check) in used)
        {
            if (keys.Find(id) is not { } key)
            {
                throw new StartupException(
                    $"There are images that are encrypted under the key '{id}', and there is no Storage:Encryption:Keys:{id}. Configure it again; "
                    + "'storage rotate' brings images under another key, after which this one is not needed any more.");
            }

            if (key.Check != check)
                throw new StartupException($"Storage:Encryption:Keys:{id} is another key than the one of that id that images were encrypted with.");
        }

        if (keys.Active is not { } active) return;
        await database.WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                "INSERT INTO blob_key (id, key_check, created_at) VALUES (@Id, @Check, @now) ON CONFLICT (id) DO NOTHING",
                new { active.Id, active.Check, now = time.Now() },
                tx),
            ct);
    }

    /// <summary>Once nothing is under any other key.</summary>
    public Task ForgetOthersAsync(CancellationToken ct) => database.WriteAsync(
        tx => tx.Connection!.ExecuteAsync("DELETE FROM blob_key WHERE @id IS NULL OR id <> @id", new { id = keys.Active?.Id }, tx), ct);
}
