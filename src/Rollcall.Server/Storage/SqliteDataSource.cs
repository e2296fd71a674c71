using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Rollcall.Server.Storage;

/// <summary>Opens SQLite connections with the settings that durability and erasure rest on.</summary>
internal sealed class SqliteDataSource(string path) : DbDataSource
{
    // synchronous is a property of the connection, not of the file: forgotten on one, a commit there survives a kill but not a
    // power cut. secure_delete overwrites what is erased instead of leaving vectors in free pages.
    private const string Pragmas =
        """
        PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
        PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 67108864;
        """;

    public override string ConnectionString { get; } = new SqliteConnectionStringBuilder { DataSource = path, Pooling = true }.ConnectionString;

    protected override DbConnection CreateDbConnection() => new SqliteConnection(ConnectionString);

    protected override DbConnection OpenDbConnection()
    {
        var connection = new SqliteConnection(ConnectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = Pragmas;
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken) => new(OpenDbConnection());

    protected override void Dispose(bool disposing)
    {
        using var connection = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(connection);
        base.Dispose(disposing);
    }
}
