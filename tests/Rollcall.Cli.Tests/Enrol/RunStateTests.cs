using Microsoft.Extensions.Time.Testing;
using Rollcall.Cli.Enrol;
using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests.Enrol;

public sealed class RunStateTests
{
    [Fact]
    public void A_run_that_nobody_has_gone_on_with_for_a_month_goes_with_all_its_files()
    {
        using var folder = new TestFolder();
        var now = new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
        foreach (var (name, days) in ((string, int)[])[("old.db", 31), ("old.db-wal", 31), ("young.db", 29), ("other.txt", 400)])
        {
            var path = Path.Combine(folder.Path, name);
            File.WriteAllText(path, "");
            File.SetLastWriteTimeUtc(path, now.UtcDateTime.AddDays(-days));
        }

        RunState.Sweep(Path.Combine(folder.Path, "mine.db"), new FakeTimeProvider(now));

        Assert.Equal(["other.txt", "young.db"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName).Order());
    }
}
