using Microsoft.Extensions.Options;

namespace Rollcall.Server.Storage;

/// <summary>
/// The data folder and the lock on it. The lock is the operating system's and dies with the process, so a start that gets it knows
/// that no other process works here, and may rescue what the last one left at once.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    /// <summary>The folder below it that holds the model files.</summary>
    public const string ModelsName = "models";

    public const string DatabaseName = "rollcall.db";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _lock;

    public DataFolder(IOptions<StorageOptions> options)
    {
        Path = System.IO.Path.GetFullPath(options.Value.Data);
        try
        {
            CreatePrivate(Path);
            Blobs = Create("blobs");
            Models = Create(ModelsName);
            Secrets = Create("secrets");
            _lock = Lock();
            CreateDatabaseFile();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The data folder {Path} cannot be used ({e.Message}). It has to be a folder that this user may write; another one is named with --data DIR.",
                e);
        }
    }

    public string Path { get; }

    public string Blobs { get; }

    public string Models { get; }

    public string Secrets { get; }

    public string Database => System.IO.Path.Combine(Path, DatabaseName);

    public void Dispose() => _lock.Dispose();

    private FileStream Lock()
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(Path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new StartupException(
                $"The data folder {Path} is in use ({e.Message}). Is another Rollcall running on it? Stop it, or give this one a folder of its own with --data DIR.",
                e);
        }
    }

    private string Create(string name)
    {
        var path = System.IO.Path.Combine(Path, name);
        CreatePrivate(path);
        return path;
    }

    /// <summary>Creates a folder that is its owner's alone; one that is there stays as it is.</summary>
    public static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, Private);
    }

    /// <summary>
    /// SQLite makes its file readable to all, and the write-ahead log like it. The folder may be one that others look into, so the file
    /// itself is the owner's alone before anything is in it.
    /// </summary>
    private void CreateDatabaseFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnersFile;
        using (new FileStream(Database, options))
        {
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Database, OwnersFile);
        }
    }
}
