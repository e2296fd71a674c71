using System.Data.Common;

namespace Rollcall.Server.Storage;

/// <summary>Transactions over the platform's <see cref="DbDataSource"/>: a read sees one snapshot, a write commits whole or not at all.</summary>
internal sealed class Database(DbDataSource source, SqlDialect dialect) : IAsyncDisposable
{
    private readonly SemaphoreSlim _writer = new(1);

    public SqlDialect Dialect => dialect;

    /// <summary>Whether a deletion is still to be read in the engine's log.</summary>
    public bool IsScrubDue { get; private set; }

    public Task<T> ReadAsync<T>(Func<DbTransaction, Task<T>> read, CancellationToken ct) => RunAsync(read, dialect.BeginRead, ct);

    public async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, CancellationToken ct)
    {
        if (!dialect.SingleWriter) return await RunAsync(write, dialect.BeginWrite, ct);

        // In line rather than by busy-waiting on the file's lock, which is neither fair nor bounded.
        await _writer.WaitAsync(ct);
        try
        {
            return await RunAsync(write, dialect.BeginWrite, ct);
        }
        finally
        {
            _writer.Release();
        }
    }

    public Task WriteAsync(Func<DbTransaction, Task> write, CancellationToken ct) =>
        WriteAsync(
            async tx =>
            {
                await write(tx);
                return true;
            },
            ct);

    /// <summary>
    /// Empties the engine's own record of what the tables were like before a deletion: SQLite's write-ahead log has the old pages until
    /// they are overwritten. False when a reader was in the way all the while; it is due then until it succeeds.
    /// </summary>
    public async Task<bool> ScrubAsync(CancellationToken ct)
    {
        if (dialect.ScrubAsync is not { } scrubAsync) return true;

        await _writer.WaitAsync(ct);
        try
        {
            IsScrubDue = true;
            await using var connection = await source.OpenConnectionAsync(ct);
            IsScrubDue = !await scrubAsync(connection, ct);
            return !IsScrubDue;
        }
        finally
        {
            _writer.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        _writer.Dispose();
    }

    private async Task<T> RunAsync<T>(Func<DbTransaction, Task<T>> body, Func<DbConnection, DbTransaction> begin, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var tx = begin(connection);
        var result = await body(tx);
        await tx.CommitAsync(ct);
        return result;
    }
}
