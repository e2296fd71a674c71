using Rollcall.Cli.Sources;
using Rollcall.Cli.Sync;
using Rollcall.Client.Contracts;
using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests.Sync;

public sealed class SyncMemoryTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Theory]
    [InlineData(ErrorCodes.FaceNotDetected, "gates", true, 0)]
    [InlineData(ErrorCodes.FaceNotDetected, "a lower quality", true, 1)]
    [InlineData(ErrorCodes.MultipleFaces, "gates", true, 0)]
    [InlineData(ErrorCodes.MultipleFaces, "gates", false, 1)]
    [InlineData(ErrorCodes.IdentityMismatch, "gates", true, 1)]
    [InlineData(ErrorCodes.Suppressed, "gates", true, 1)]
    [InlineData(ErrorCodes.ProcessingError, "gates", true, 1)]
    public void A_refusal_lasts_as_long_as_what_it_was_judged_by(string code, string gates, bool isLastingWithFaces, int sent)
    {
        using (var memory = Night())
        {
            memory.Compare("gates", retryRefused: false);
            memory.Settle([new(0, "/people/1.jpg", "anna", "failed", code, "no", null, null, null)], "gates", isLastingWithFaces);
            memory.Close();
        }

        using var next = Night();
        next.Compare(gates, retryRefused: false);

        Assert.Equal(sent, next.Count()[ChangeKind.Added]);
    }

    [Fact]
    public void What_is_gone_from_the_folder_leaves_nothing_behind()
    {
        using (var memory = Night())
        {
            memory.Compare("gates", retryRefused: false);
            memory.Settle([new(0, "/people/1.jpg", "anna", "failed", ErrorCodes.FaceNotDetected, "no", null, null, null)], "gates", isLastingWithFaces: true);
            memory.Close();
        }

        using (var memory = Open())
        {
            memory.Compare("gates", retryRefused: false);
        }

        using var after = Open();
        Assert.Null(after.Known("/people/1.jpg"));
        Assert.DoesNotContain("anna", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(_folder.Path, "memory.db"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hashes_are_kept_when_the_reading_of_a_folder_is_broken_off()
    {
        var people = Directory.CreateDirectory(Path.Combine(_folder.Path, "people")).FullName;
        for (var n = 0; n < 20; n++) await File.WriteAllTextAsync(Path.Combine(people, $"{n}.jpg"), "x", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(Path.Combine(people, "zz"), "/nowhere");
        using var folder = new FolderSource(people, ExternalIdRule.File) { MustSeeAll = true };
        using (var memory = Open())
        {
            await Assert.ThrowsAsync<CommandException>(() => FolderReading.ReadAsync(folder, memory, rehash: false, TestContext.Current.CancellationToken));
        }

        using var next = Open();
        Assert.Contains(Enumerable.Range(0, 20), n => next.Known(Path.Combine(people, $"{n}.jpg")) is not null);
    }

    public void Dispose() => _folder.Dispose();

    private SyncMemory Open() => SyncMemory.Open(Path.Combine(_folder.Path, "memory.db"));

    private SyncMemory Night()
    {
        var memory = Open();
        memory.Add(new(new Photograph("/people/1.jpg", "anna"), new(1, 1, new string('a', 64), null), IsNews: true));
        memory.Flush();
        return memory;
    }
}
