using System.Runtime.CompilerServices;

namespace Rollcall.Server.Tests.Hosting;

/// <summary>The files that this program was built from.</summary>
internal static class Repository
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", ".."));

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path])).ReplaceLineEndings("\n");

    private static string Here([CallerFilePath] string here = "") => here;
}
