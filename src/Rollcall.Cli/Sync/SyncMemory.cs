using Dapper;
using Microsoft.Data.Sqlite;

namespace Rollcall.Cli.Sync;

/// <summary>
/// What one sync leaves for the next: hashes of files that have not changed since, by size and time as rsync tells it, and what was refused.
/// Losing it costs time and nothing else. Beside it lie, while a sync runs, both sides and what differs.
/// </summary>
internal sealed partial class SyncMemory : IDisposable
{
    private readonly SqliteConnection _database;
    private readonly Lock _turn = new();

    private SyncMemory(SqliteConnection database) => _database = database;

    /// <exception cref="CommandException">Another sync of the same folder runs.</exception>
    public static SyncMemory Open(string path)
    {
        var database = OwnDatabase.Open(
            path, "Another sync of this folder into this collection is at work: wait for it. Nothing was changed.", "PRAGMA synchronous = NORMAL", "PRAGMA secure_delete = ON");
        using var schema = new StreamReader(typeof(SyncMemory).Assembly.GetManifestResourceStream("Rollcall.Cli.Sync.SyncMemory.sql")!);
        database.Execute(schema.ReadToEnd());
        return new(database);
    }

    public void Dispose() => _database.Dispose();

    /// <summary>Drops what neither side has any more: files that are gone and people who were erased leave nothing behind.</summary>
    private void Tidy() => _database.Execute(
        """
        DELETE FROM file WHERE path NOT IN (SELECT path FROM local);
        DELETE FROM told WHERE path NOT IN (SELECT path FROM local);
        DELETE FROM due WHERE face_id NOT IN (SELECT face_id FROM standing);
        DELETE FROM refusal WHERE EXISTS (SELECT 1 FROM standing s WHERE s.external_id = refusal.external_id AND s.sha256 = refusal.sha256)
          OR NOT EXISTS (SELECT 1 FROM local l WHERE l.external_id = refusal.external_id AND l.sha256 = refusal.sha256);
        """);

    /// <summary>The rows of a query one by one, never held in memory.</summary>
    private IEnumerable<SqliteDataReader> Rows(string query, params (string Name, object Value)[] parameters)
    {
        using var command = _database.CreateCommand();
        command.CommandText = query;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return reader;
        }
    }

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
