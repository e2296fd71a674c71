using Dapper;
using Microsoft.Data.Sqlite;

namespace Rollcall.Cli;

/// <summary>An SQLite file in which a command remembers something: for its owner's eyes, and for one command at a time.</summary>
internal static class OwnDatabase
{
    /// <param name="path">Where it lies, or is to.</param>
    /// <param name="busy">What to tell when another command is at it.</param>
    /// <param name="settings">What else it is to be like, as statements.</param>
    /// <exception cref="CommandException">It cannot be used, or another command uses it.</exception>
    public static SqliteConnection Open(string path, string busy, params string[] settings)
    {
        Prepare(path);
        var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 1 }.ConnectionString);
        try
        {
            database.Open();

            // Alone, for as long as the command runs; the system ends the lock with the process.
            // One by one: of several the driver tells only the first one's failure.
            foreach (var statement in (string[])["PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL", .. settings, "BEGIN IMMEDIATE", "COMMIT"])
            {
                database.Execute(statement);
            }

            return database;
        }
        catch (SqliteException exception)
        {
            database.Dispose();
            throw exception.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY
                ? new CommandException(ExitCode.Busy, busy, exception)
                : new CommandException(ExitCode.Usage, $"{path} cannot be used ({exception.Message}): remove it, or name another.", exception);
        }
    }

    private static void Prepare(string path)
    {
        try
        {
            OwnerFile.CreateFolderOf(path);
            if (!File.Exists(path)) OwnerFile.Open(path, FileMode.OpenOrCreate).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                ExitCode.Usage, $"What has to be remembered cannot be kept: {exception.Message} Name a folder for it with XDG_STATE_HOME, or a file with --state.", exception);
        }
    }
}
