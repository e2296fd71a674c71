using System.Diagnostics;

namespace Rollcall.Server.Tests;

/// <summary>A disk of a few megabytes, in memory. It takes the right to mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public long Free => new DriveInfo(Path).AvailableFreeSpace;

    public static SmallDisk Mount(int megabytes)
    {
        var path = Directory.CreateTempSubdirectory("rollcall-disk-").FullName;
        if (OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path) == 0) return new SmallDisk(path);

        Directory.Delete(path);
        Assets.Miss("needs the right to mount a small disk in memory (root on Linux)");
        throw new InvalidOperationException();
    }

    public void Dispose()
    {
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
