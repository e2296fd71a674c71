using System.Data.Common;
using Microsoft.Data.Sqlite;
using Rollcall.Server.Storage;
using SQLitePCL;

namespace Rollcall.Benchmarks.Model;

/// <summary>
/// Between the stores and SQLite: it numbers the transactions in the order in which they commit, and makes one fail at its very end if so
/// wished, as a full disk does.
/// </summary>
internal sealed class CommitWatch
{
    private readonly AsyncLocal<Watched?> _current = new();
    private long _commits;

    /// <summary>The answer of a call and the number of its commit; null when it wrote nothing. A call that <paramref name="breaks"/> throws instead of committing.</summary>
    public async Task<(T Answer, long? Commit)> RunAsync<T>(Func<Task<T>> call, bool breaks)
    {
        var watched = new Watched { Breaks = breaks };
        _current.Value = watched;
        var answer = await call();
        return (answer, watched.Commit);
    }

    public static bool IsBroken(Exception e) => e is SqliteException { SqliteExtendedErrorCode: raw.SQLITE_CONSTRAINT_COMMITHOOK };

    /// <summary>Called by SQLite within the commit, which is one at a time.</summary>
    private int OnCommit(object? nothing)
    {
        if (_current.Value is not { } watched) return 0;
        if (watched.Breaks) return 1;
        watched.Commit = ++_commits;
        return 0;
    }

    private sealed class Watched
    {
        public bool Breaks { get; init; }

        public long? Commit { get; set; }
    }

    /// <summary>The product's own connections, watched.</summary>
    internal sealed class Source(SqliteDataSource inner, CommitWatch watch) : DbDataSource
    {
        public override string ConnectionString => inner.ConnectionString;

        protected override DbConnection CreateDbConnection() => inner.CreateConnection();

        protected override DbConnection OpenDbConnection()
        {
            var connection = (SqliteConnection)inner.OpenConnection();
            raw.sqlite3_commit_hook(connection.Handle, watch.OnCommit, null);
            return connection;
        }

        protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken) => new(OpenDbConnection());
    }
}
