using System.Text.Json.Nodes;
using Rollcall.Cli.Enrol;
using Rollcall.Cli.People;
using Rollcall.Cli.Sync;
using Rollcall.Client;
using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests.Sync;

/// <summary>What a sync must not do, with several photographs of a person, at a real server.</summary>
public sealed class SyncSafetyTests(LiveServer server)
{
    private static readonly string[] Sync = ["sync", "people", "--id", "folder", "--yes", "--multiple-faces", "largest", "--min-quality", "0"];

    [Fact]
    public async Task A_bad_picture_in_the_place_of_a_good_one_takes_nothing_away()
    {
        var (collection, shell) = await StartAsync(("gul", Assets.Lfw("Abdullah_Gul", 1)), ("gul", Assets.Lfw("Abdullah_Gul", 2)), ("pena", Assets.Lfw("Aaron_Pena")));
        using var home = shell;
        await shell.AskAsync(Sync);
        var first = await StandingAsync(collection);
        Assert.Equal(3, first.Count);

        // A cup in the place of one photograph: it fails, and what it took the place of stays.
        Put(shell, "gul", 2, Assets.Sample("nonface/coffee.png"));
        var told = await RunAsync(shell, ExitCode.SomeFailed);
        Assert.Equal((1, 0), (told["not_enrolled"]!.GetValue<int>(), told["removed"]!.GetValue<int>()));
        Assert.Equal(first, await StandingAsync(collection));

        // The next night it is told again, and rings no bell.
        var again = await RunAsync(shell, ExitCode.Done);
        Assert.Equal((1, 1, 0), (again["not_enrolled"]!.GetValue<int>(), again["told_before"]!.GetValue<int>(), again["added"]!.GetValue<int>()));
        var line = Assert.Single(again["changes"]!.AsArray())!;
        Assert.Equal(("not_enrolled", "gul", "FACE_NOT_DETECTED"), (line["kind"]!.GetValue<string>(), line["external_id"]!.GetValue<string>(), line["code"]!.GetValue<string>()));

        // A stranger under the same id is refused and told so; another photograph of the person is taken, and then the old one goes.
        Put(shell, "gul", 2, Assets.Lfw("Aaron_Guiel"));
        Assert.Equal(1, (await RunAsync(shell, ExitCode.SomeFailed))["failures"]!["IDENTITY_MISMATCH"]!.GetValue<int>());
        Assert.Equal(first, await StandingAsync(collection));
        Put(shell, "gul", 2, Assets.Lfw("Abdullah_Gul", 3));
        var changed = await RunAsync(shell, ExitCode.Done);
        Assert.Equal((1, 0), (changed["changed"]!.GetValue<int>(), changed["removed"]!.GetValue<int>()));
        Assert.Equal(Hashes(shell), (await StandingAsync(collection)).Select(face => face.Hash).Order());
    }

    [Fact]
    public async Task Links_are_followed_and_one_that_leads_nowhere_stops_it()
    {
        var (collection, shell) = await StartAsync(("gul", Assets.Lfw("Abdullah_Gul", 1)));
        using var home = shell;
        var elsewhere = Path.Combine(shell.Folder, "elsewhere");
        var pena = Directory.CreateDirectory(Path.Combine(elsewhere, "pena")).FullName;
        File.Copy(Assets.Lfw("Aaron_Pena"), Path.Combine(pena, "1.jpg"));
        File.Copy(Assets.Lfw("Aaron_Guiel"), Path.Combine(elsewhere, "target.jpg"));
        Directory.CreateSymbolicLink(Path.Combine(shell.Folder, "people", "pena"), pena);
        Directory.CreateSymbolicLink(Path.Combine(shell.Folder, "people", "gul", "round"), Path.Combine(shell.Folder, "people"));
        var guiel = Directory.CreateDirectory(Path.Combine(shell.Folder, "people", "guiel")).FullName;
        File.CreateSymbolicLink(Path.Combine(guiel, "1.jpg"), Path.Combine(elsewhere, "target.jpg"));
        Assert.Equal(3, (await RunAsync(shell, ExitCode.Done))["added"]!.GetValue<int>());

        // The link is as it was; what it leads to is not.
        File.Copy(Assets.Lfw("Aaron_Tippin"), Path.Combine(elsewhere, "target.jpg"), overwrite: true);
        Assert.Equal(1, (await RunAsync(shell, ExitCode.Done, "--allow-identity-change"))["changed"]!.GetValue<int>());

        Directory.Move(elsewhere, elsewhere + ".unmounted");
        var ended = await shell.RunAsync([.. Sync, "--max-removals", "100%"]);
        Assert.Equal(ExitCode.Usage, ended.Code);
        Assert.Contains("leads nowhere", ended.Error, StringComparison.Ordinal);
        Assert.Equal(3, (await StandingAsync(collection)).Count);
    }

    [Fact]
    public async Task Who_is_enrolled_anew_between_the_plan_and_the_removal_stays()
    {
        var (collection, shell) = await StartAsync(("gul", Assets.Lfw("Abdullah_Gul", 1)), ("pena", Assets.Lfw("Aaron_Pena")));
        using var home = shell;
        await shell.AskAsync(Sync);
        using var http = new HttpClient { BaseAddress = server.Address };
        var client = new RollcallClient(http, new RollcallClientOptions { Credential = RollcallCredential.FromApiKey(server.ApiKey) });
        var patience = new Patience(TimeProvider.System, TimeSpan.Zero, _ => { });
        using var memory = SyncMemory.Open(Path.Combine(shell.Folder, "memory.db"));
        await memory.AddAsync(FaceLists.AllAsync(client, collection, patience, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        memory.Compare("", retryRefused: false);
        Assert.Equal(2, memory.Count()[ChangeKind.Left]);

        // Meanwhile a clerk photographs one of them.
        Assert.Equal(ExitCode.Done, (await shell.RunAsync("enrol", Photograph(shell, "clerk", Assets.Lfw("Abdullah_Gul", 2)), "--id", "folder", "--on-duplicate", "append")).Code);
        List<string> told = [];
        await new SyncRemovals(client, collection, memory, patience, told.Add).RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["gul", "gul"], (await StandingAsync(collection)).Select(face => face.Person));
        Assert.Contains("'gul' stays", Assert.Single(told), StringComparison.Ordinal);
        Assert.Equal((1, 1), (memory.Count().Gone, memory.Count()[ChangeKind.Kept]));
    }

    [Fact]
    public async Task An_interrupted_sync_is_finished_by_the_next_one()
    {
        var collection = await server.CollectionAsync();

        // While it is held, what the server says of a job does not reach the command, which therefore cannot end.
        var (isHeld, asked) = (true, new TaskCompletionSource());
        await using var line = await FaultyLine.StartAsync(server, before: async context =>
        {
            if (!isHeld || !context.Request.Path.Value!.Contains("/batch/", StringComparison.Ordinal)) return false;
            asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            return true;
        });
        using var shell = new Shell(server, collection, address: line.Address);
        var people = Photographs.OneOf(8);
        Photographs.Copy(people[..6], Path.Combine(shell.Folder, "people"));
        Assert.Equal(ExitCode.Interrupted, await EndAsync(process => process.InterruptAsync()));
        Assert.Empty(Runs());
        isHeld = false;
        await shell.RunAsync(Sync);
        Assert.Equal(Hashes(shell), (await StandingAsync(collection)).Select(face => face.Hash).Order());

        // Killed when some have another in their place and are there still: the next night they are no removal.
        foreach (var (file, other) in people[..2].Zip(people[6..]))
        {
            File.Copy(other, Path.Combine(shell.Folder, "people", Photographs.Person(file), Path.GetFileName(file)), overwrite: true);
        }

        (isHeld, asked) = (true, new TaskCompletionSource());
        await EndAsync(
            async process =>
            {
                while ((await server.JobsAsync(collection))[0]["status"]!.GetValue<string>() != "done") await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
                process.Kill();
            },
            "--allow-identity-change");
        Assert.Equal(8, (await StandingAsync(collection)).Count);
        isHeld = false;
        var finished = await shell.RunAsync([.. Sync, "--allow-identity-change", "--max-removals", "0"]);
        Assert.Equal((ExitCode.Done, ""), (finished.Code, finished.Code == 0 ? "" : finished.Error));
        Assert.Equal(Hashes(shell), (await StandingAsync(collection)).Select(face => face.Hash).Order());
        Assert.Empty(Runs());

        async Task<int> EndAsync(Func<Rollcall.Benchmarks.Campaigns.CommandProcess, Task> interrupt, params string[] more)
        {
            using var process = shell.Start(null, [.. Sync, .. more]);
            var end = process.EndAsync(TestContext.Current.CancellationToken);
            Assert.Same(asked.Task, await Task.WhenAny(asked.Task, end));
            await interrupt(process);
            return (await end).Code;
        }

        string[] Runs() => Directory.GetFiles(shell.State, "*.run*", SearchOption.AllDirectories);
    }

    [Fact]
    public async Task All_that_is_not_enrolled_is_in_the_report_each_night_and_only_one_sync_is_at_work()
    {
        var (_, shell) = await StartAsync(("gul", Assets.Lfw("Abdullah_Gul", 1)), ("gul", Assets.Sample("nonface/coffee.png")), ("nobody", Assets.Sample("nonface/text.png")));
        using var home = shell;
        File.WriteAllText(Path.Combine(shell.Folder, "people", "gul", "phone.heic"), "x");

        // Somebody with a file and without any reference rings the bell each night.
        foreach (var known in (int[])[0, 3])
        {
            var told = await RunAsync(shell, ExitCode.SomeFailed, "--report", "report.csv");
            Assert.Equal((3, known, 1), (told["not_enrolled"]!.GetValue<int>(), told["told_before"]!.GetValue<int>(), told["without_reference"]!.GetValue<int>()));
            var report = await File.ReadAllTextAsync(Path.Combine(shell.Folder, "report.csv"), TestContext.Current.CancellationToken);
            Assert.Contains("phone.heic,gul,failed,UNSUPPORTED_FORMAT", report, StringComparison.Ordinal);
            Assert.Equal(2, report.Split("failed,FACE_NOT_DETECTED").Length - 1);
            File.Delete(Path.Combine(shell.Folder, "report.csv"));
        }

        using (SyncMemory.Open(Assert.Single(Directory.GetFiles(shell.State, "*.db", SearchOption.AllDirectories))))
        {
            var second = await shell.RunAsync(Sync);
            Assert.Equal(ExitCode.Busy, second.Code);
            Assert.Contains("Another sync", second.Error, StringComparison.Ordinal);
        }
    }

    private async Task<(string Collection, Shell Shell)> StartAsync(params (string Person, string Photograph)[] photographs)
    {
        var collection = await server.CollectionAsync();
        var shell = new Shell(server, collection);
        foreach (var (number, (person, photograph)) in photographs.Index())
        {
            Directory.CreateDirectory(Path.Combine(shell.Folder, "people", person));
            Put(shell, person, number + 1, photograph);
        }

        return (collection, shell);
    }

    private static void Put(Shell shell, string person, int number, string photograph) =>
        File.Copy(photograph, Path.Combine(shell.Folder, "people", person, $"{number}.jpg"), overwrite: true);

    private static string Photograph(Shell shell, string folder, string photograph)
    {
        var person = Directory.CreateDirectory(Path.Combine(shell.Folder, folder, "gul")).FullName;
        File.Copy(photograph, Path.Combine(person, "new.jpg"));
        return folder;
    }

    private static async Task<JsonObject> RunAsync(Shell shell, int code, params string[] more)
    {
        var ended = await shell.RunAsync([.. Sync, .. more, "--json"]);
        Assert.True(ended.Code == code, ended.ToString());
        return JsonNode.Parse(ended.Out)!.AsObject();
    }

    private async Task<List<(string Person, string Hash)>> StandingAsync(string collection) =>
        [.. (await server.FacesAsync(collection)).Select(face => (face["external_id"]!.GetValue<string>(), face["image_sha256"]!.GetValue<string>())).Order()];

    private static IEnumerable<string> Hashes(Shell shell) => Directory.EnumerateFiles(Path.Combine(shell.Folder, "people"), "*.jpg", SearchOption.AllDirectories)
        .Select(path => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))).Order();
}
