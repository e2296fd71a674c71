using System.Diagnostics;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>A disk of a few megabytes, in memory. It takes the right to mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    private const int PieceBytes = 1 << 16;

    private readonly Stack<string> _bound = new();

    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public long Free => new DriveInfo(Path).AvailableFreeSpace;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Null where this process may not mount.</summary>
    public static SmallDisk? TryMount(int megabytes)
    {
        var path = Directory.CreateTempSubdirectory("rollcall-disk-").FullName;
        if (OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path) == 0) return new SmallDisk(path);

        Directory.Delete(path);
        return null;
    }

    /// <summary>Takes up all that is free.</summary>
    public void Fill()
    {
        using var filler = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var piece = new byte[PieceBytes]; piece.Length > 0;)
        {
            try
            {
                filler.Write(piece);
            }
            catch (IOException)
            {
                piece = new byte[piece.Length / 2]; // what is left is smaller
            }
        }
    }

    public void Empty() => File.Delete(Filler);

    /// <summary>Makes a folder of it a mount of its own, which can be made read-only without the rest: root may write where modes forbid it.</summary>
    public bool TryBind(string folder)
    {
        if (Run("mount", "--bind", folder, folder) != 0) return false;
        _bound.Push(folder);
        return true;
    }

    /// <summary>False while a file in it is being written: then the kernel refuses.</summary>
    public static bool TrySetReadOnly(string bound, bool isReadOnly) => Run("mount", "-o", $"remount,bind,{(isReadOnly ? "ro" : "rw")}", bound) == 0;

    public void Dispose()
    {
        while (_bound.TryPop(out var folder)) Run("umount", "--lazy", folder);
        Run("umount", "--lazy", Path);
        Directory.Delete(Path);
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
