using Dapper;
using Microsoft.Data.Sqlite;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Sync;

/// <summary>
/// What one sync leaves for the next: hashes of files that have not changed since, by size and time as rsync tells it, and what the server refused.
/// Losing it costs time and nothing else.
/// </summary>
internal sealed class SyncMemory : IDisposable
{
    private static readonly HashSet<string> Lasting =
    [
        ErrorCodes.FaceNotDetected, ErrorCodes.MultipleFaces, ErrorCodes.FaceQualityTooLow, ErrorCodes.LivenessCheckFailed, ErrorCodes.UnreadableImage,
        ErrorCodes.UnsupportedFormat, ErrorCodes.ImageTooLarge, ErrorCodes.ImageTooSmall, ErrorCodes.IdentityMismatch, ErrorCodes.TooManyReferences,
        ErrorCodes.Suppressed,
    ];

    private readonly SqliteConnection _database;
    private readonly Lock _turn = new();

    private SyncMemory(SqliteConnection database) => _database = database;

    /// <exception cref="CommandException">Another sync of the same folder runs.</exception>
    public static SyncMemory Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ConnectionString);
        try
        {
            database.Open();
            using var schema = new StreamReader(typeof(SyncMemory).Assembly.GetManifestResourceStream("Rollcall.Cli.Sync.SyncMemory.sql")!);
            database.Execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE; COMMIT;");
            database.Execute(schema.ReadToEnd());
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return new(database);
        }
        catch (SqliteException exception)
        {
            database.Dispose();
            throw exception.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY
                ? new CommandException(ExitCode.Usage, "Another sync of this folder and collection runs: wait for it.", exception)
                : new CommandException(ExitCode.Usage, $"{path} cannot be used ({exception.Message}): remove it.", exception);
        }
    }

    /// <summary>The hash of a file that has this size and was last changed then; null when it is not known.</summary>
    public string? Hash(string path, long bytes, DateTimeOffset changed)
    {
        lock (_turn)
        {
            return _database.ExecuteScalar<string?>(
                "SELECT sha256 FROM hash WHERE path = @path AND bytes = @bytes AND changed = @ticks", new { path, bytes, ticks = changed.UtcTicks });
        }
    }

    public void Keep(IReadOnlyList<(string Path, long Bytes, DateTimeOffset Changed, string Sha256)> hashes)
    {
        lock (_turn)
        {
            using var transaction = _database.BeginTransaction();
            _database.Execute(
                "INSERT OR REPLACE INTO hash (path, bytes, changed, sha256) VALUES (@Path, @Bytes, @Ticks, @Sha256)",
                hashes.Select(hash => new { hash.Path, hash.Bytes, Ticks = hash.Changed.UtcTicks, hash.Sha256 }),
                transaction);
            transaction.Commit();
        }
    }

    public HashSet<(string ExternalId, string Sha256)> Refused(string gates) =>
        [.. _database.Query<(string, string)>("SELECT external_id, sha256 FROM refused WHERE gates = @gates", new { gates })];

    public void Refuse(string gates, IEnumerable<(string ExternalId, string Sha256, string Code)> photographs)
    {
        using var transaction = _database.BeginTransaction();
        _database.Execute(
            "INSERT OR REPLACE INTO refused (external_id, sha256, gates, code) VALUES (@ExternalId, @Sha256, @gates, @Code)",
            photographs.Where(one => Lasting.Contains(one.Code)).Select(one => new { one.ExternalId, one.Sha256, gates, one.Code }),
            transaction);
        transaction.Commit();
    }

    public void Forget() => _database.Execute("DELETE FROM refused");

    public void Dispose() => _database.Dispose();
}
