using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Rollcall.Server.Storage;

/// <summary>What differs between the engines; every other statement is the same text on both.</summary>
internal sealed record SqlDialect
{
    /// <summary>The embedded default: one writer, leases judged by the process's monotonic clock.</summary>
    public static SqlDialect Sqlite { get; } = new()
    {
        Blob = "BLOB",
        Identity = "INTEGER PRIMARY KEY AUTOINCREMENT",
        SkipLocked = "",
        LeaseNow = "@now",
        NextFence = "fence + 1",
        SingleWriter = true,
        ScrubAsync = EmptyWriteAheadLogAsync,
        IsConstraintViolation = failure => failure is SqliteException { SqliteErrorCode: 19 }, // SQLITE_CONSTRAINT
        BeginRead = connection => ((SqliteConnection)connection).BeginTransaction(deferred: true),
        BeginWrite = connection => ((SqliteConnection)connection).BeginTransaction(IsolationLevel.Serializable),
    };

    public required string Blob { get; init; }

    public required string Identity { get; init; }

    /// <summary>Appended to the select of a claim; SQLite's BEGIN IMMEDIATE makes it needless there.</summary>
    public required string SkipLocked { get; init; }

    /// <summary>The clock that judges leases, in Unix milliseconds.</summary>
    public required string LeaseNow { get; init; }

    public required string NextFence { get; init; }

    /// <summary>One write transaction at a time: writers queue in the process instead of spinning on the file's lock.</summary>
    public required bool SingleWriter { get; init; }

    /// <summary>Overwrites deleted rows in the engine's log; false when a reader was in the way. Null where the engine keeps none in reach.</summary>
    public Func<DbConnection, CancellationToken, Task<bool>>? ScrubAsync { get; init; }

    public required Func<DbException, bool> IsConstraintViolation { get; init; }

    /// <summary>Begins a transaction that sees one snapshot and, on SQLite, never waits for the writer.</summary>
    public required Func<DbConnection, DbTransaction> BeginRead { get; init; }

    /// <summary>Begins a transaction that may write; on SQLite it is BEGIN IMMEDIATE, so that it cannot fail half-way for the lock.</summary>
    public required Func<DbConnection, DbTransaction> BeginWrite { get; init; }

    private static async Task<bool> EmptyWriteAheadLogAsync(DbConnection connection, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();

        // Not the patience of other statements: nobody can write while this waits for readers. The next opening sets it back.
        command.CommandText = "PRAGMA busy_timeout = 500";
        await command.ExecuteScalarAsync(ct);
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        var isEmpty = await command.ExecuteScalarAsync(ct) is 0L;

        // A connection that lies idle keeps the pages that it read last, and with them what was deleted since.
        SqliteConnection.ClearPool((SqliteConnection)connection);
        return isEmpty;
    }
}
