namespace Rollcall.Server.Tests;

/// <summary>An empty folder that goes with the test.</summary>
internal sealed class TestFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    public TestFolder()
        : this(System.IO.Path.GetTempPath())
    {
    }

    private TestFolder(string parent) => Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, $"rollcall-{Guid.NewGuid():N}")).FullName;

    public string Path { get; }

    /// <summary>In memory where the machine has such a folder: for a test of thousands of commits that is not about the disk.</summary>
    public static TestFolder InMemory() => Directory.Exists(Memory) ? new TestFolder(Memory) : new TestFolder();

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
