namespace Rollcall.Cli;

/// <summary>Files that name people: nobody else on the machine may read them.</summary>
internal static class OwnerFile
{
    private const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Folder = File | UnixFileMode.UserExecute;

    public static FileStream Open(string path, FileMode mode, FileShare share = FileShare.None)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = File;

        // A file that is there keeps its mode.
        if (mode == FileMode.Create) System.IO.File.Delete(path);
        return new FileStream(path, options);
    }

    /// <summary>The folder of a file, which nobody else may look into, with those above it that are not there yet.</summary>
    public static void CreateFolderOf(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, Folder);
    }
}
