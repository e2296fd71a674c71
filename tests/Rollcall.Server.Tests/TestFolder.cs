namespace Rollcall.Server.Tests;

/// <summary>An empty folder that goes with the test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("rollcall-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
