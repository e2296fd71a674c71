using System.Globalization;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Rollcall.Cli.Enrol;

/// <summary>
/// A run on disk: the plan, the name of each submit before it is sent, and what became of each photograph. Whatever ends the command, the next
/// one with the same words goes on from here. One connection, one user at a time.
/// </summary>
internal sealed partial class RunState : IDisposable
{
    /// <summary>What a file of ours begins with: "Roll".</summary>
    private const long Mark = 0x526f6c6c;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    private readonly SqliteConnection _database;
    private readonly Lock _turn = new();

    private RunState(SqliteConnection database, string path) => (_database, Path) = (database, path);

    public string Path { get; }

    /// <summary>Names the run in idempotency keys.</summary>
    public string Id { get; private set; } = "";

    /// <summary>Whether the plan is whole; a run whose plan is not has sent nothing yet.</summary>
    public bool IsPlanned { get; private set; }

    /// <summary>A run that was begun with this fingerprint, or a new one.</summary>
    /// <exception cref="CommandException">Another command is at it.</exception>
    public static RunState Open(string path, string fingerprint, bool fresh)
    {
        // In full: what a power cut forgets would be sent a second time under another name.
        var database = OwnDatabase.Open(path, $"Another command is at this very run ({path}): wait for it.", "PRAGMA synchronous = FULL");
        try
        {
            var state = new RunState(database, path);
            state.IsOneOfOurs();
            if (fresh || !state.Load(fingerprint)) state.Begin(fingerprint);
            return state;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Removes runs beside this one that nobody has gone on with for a month: they name people.</summary>
    public static void Sweep(string path, TimeProvider time)
    {
        foreach (var old in Directory.EnumerateFiles(System.IO.Path.GetDirectoryName(path)!, "*.db").Where(one => File.GetLastWriteTimeUtc(one) < time.GetUtcNow() - Longest))
        {
            Delete(old);
        }
    }

    public static void Delete(string path)
    {
        foreach (var suffix in (string[])["", "-wal", "-shm", "-journal"])
        {
            File.Delete(path + suffix);
        }
    }

    /// <summary>How many photographs are not final, and how many there are.</summary>
    public (long Open, long Total) Left()
    {
        lock (_turn)
        {
            return _database.QuerySingle<(long, long)>("SELECT coalesce(sum(outcome IS NULL), 0), count(*) FROM photograph");
        }
    }

    public void Dispose() => _database.Dispose();

    /// <summary>A file that the user named by mistake is left as it is.</summary>
    private void IsOneOfOurs()
    {
        var mark = _database.ExecuteScalar<long>("PRAGMA application_id");
        if (mark == Mark) return;
        if (mark != 0 || _database.ExecuteScalar<long>("SELECT count(*) FROM sqlite_master") > 0)
            throw CommandException.Usage($"{Path} is a database of another program: name another file with --state.");
        _database.Execute($"PRAGMA application_id = {Mark}");
    }

    private bool Load(string fingerprint)
    {
        if (_database.ExecuteScalar<long>("SELECT count(*) FROM sqlite_master WHERE name = 'run'") == 0) return false;
        var (id, known, planned) = _database.QuerySingleOrDefault<(string?, string, long)>("SELECT id, fingerprint, planned FROM run");
        if (id is null) return false;
        if (known != fingerprint)
            throw CommandException.Usage($"{Path} is of another command: name another file with --state, or begin anew with --fresh.");
        (Id, IsPlanned) = (id, planned == 1);
        return true;
    }

    private void Begin(string fingerprint)
    {
        using var schema = typeof(RunState).Assembly.GetManifestResourceStream("Rollcall.Cli.Enrol.RunState.sql")!;
        using var reader = new StreamReader(schema);
        Id = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));
        using var transaction = _database.BeginTransaction();
        _database.Execute("DROP TABLE IF EXISTS item; DROP TABLE IF EXISTS job; DROP TABLE IF EXISTS photograph; DROP TABLE IF EXISTS run;", transaction: transaction);
        _database.Execute(reader.ReadToEnd(), transaction: transaction);
        _database.Execute("INSERT INTO run (id, fingerprint) VALUES (@Id, @fingerprint)", new { Id, fingerprint }, transaction);
        transaction.Commit();
        IsPlanned = false;
    }

    private string Key(long job, long attempt) => string.Create(CultureInfo.InvariantCulture, $"rollcall-{Id}-{job}-{attempt}");
}
