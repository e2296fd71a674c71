namespace Rollcall.Server.Tests;

/// <summary>What lies in the files of a data folder, whoever has them open.</summary>
internal static class DataFiles
{
    public static bool Contain(string folder, byte[] trace) => Holding(folder, trace).Count > 0;

    /// <summary>The files with these bytes in them.</summary>
    public static IReadOnlyList<string> Holding(string folder, byte[] trace) =>
        [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(path =>
        {
            if (Path.GetFileName(path) == "lock") return false; // held, and empty
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes.AsSpan().IndexOf(trace) >= 0;
        })];
}
