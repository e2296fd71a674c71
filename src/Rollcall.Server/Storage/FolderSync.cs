using System.Runtime.InteropServices;

namespace Rollcall.Server.Storage;

/// <summary>fsync of a folder, which .NET has no call for. Windows journals its folders and needs none.</summary>
internal static partial class FolderSync
{
    private const int ReadOnly = 0; // O_RDONLY, the same number on Linux and macOS

    public static void Sync(string path)
    {
        if (OperatingSystem.IsWindows()) return;

        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0) throw Failure("opened", path);
        try
        {
            if (Fsync(descriptor) != 0) throw Failure("synced", path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failure(string verb, string path) =>
        new($"The folder {path} could not be {verb}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
