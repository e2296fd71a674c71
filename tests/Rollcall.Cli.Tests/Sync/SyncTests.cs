using System.Text.Json.Nodes;
using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests.Sync;

public sealed class SyncTests(LiveServer server)
{
    [Fact]
    public async Task It_plans_exactly_what_differs_and_does_it()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        var people = Path.Combine(shell.Folder, "people");
        var all = Photographs.OneOf(240);
        Photographs.Copy(all[..120], people);
        string[] sync = ["sync", "people", "--id", "folder", "--multiple-faces", "largest", "--allow-identity-change", "--min-quality", "0"];
        var first = await shell.AskAsync([.. sync, "--yes"]);
        Assert.Equal((120, 0, 0), Counts(first));
        Assert.Equal(120, first["outcomes"]!["enrolled"]!.GetValue<int>());

        // Unchanged: nothing to do, and nothing is sent.
        var jobs = (await server.JobsAsync(collection)).Count;
        var unchanged = await shell.RunAsync([.. sync, "--plan", "--json"]);
        Assert.Equal(ExitCode.Done, unchanged.Code);
        Assert.Equal((0, 0, 0), Counts(JsonNode.Parse(unchanged.Out)!));
        await shell.AskAsync([.. sync, "--yes"]);
        Assert.Equal(jobs, (await server.JobsAsync(collection)).Count);

        // Ten changed, ten added, five removed.
        for (var i = 0; i < 10; i++) File.Copy(all[200 + i], Path.Combine(people, Photographs.Person(all[i]), Path.GetFileName(all[i])), overwrite: true);
        Photographs.Copy(all[120..130], people);
        foreach (var gone in all[50..55]) Directory.Delete(Path.Combine(people, Photographs.Person(gone)), recursive: true);
        var plan = await shell.RunAsync([.. sync, "--plan", "--json"]);
        Assert.Equal(ExitCode.Pending, plan.Code);
        Assert.Equal((10, 10, 5), Counts(JsonNode.Parse(plan.Out)!));
        Assert.Equal(jobs, (await server.JobsAsync(collection)).Count);

        var done = await shell.AskAsync([.. sync, "--yes"]);
        Assert.Equal((10, 10, 5), Counts(done));
        Assert.True(done["executed"]!.GetValue<bool>());
        var standing = (await server.FacesAsync(collection)).ToDictionary(face => face["external_id"]!.GetValue<string>(), face => face["image_sha256"]!.GetValue<string>());
        var wanted = Directory.EnumerateFiles(people, "*.jpg", SearchOption.AllDirectories).ToDictionary(Photographs.Person, Hash);
        Assert.Equal(wanted.OrderBy(one => one.Key, StringComparer.Ordinal), standing.OrderBy(one => one.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Above_the_limit_nothing_is_changed()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        var people = Path.Combine(shell.Folder, "people");
        Photographs.Copy(Photographs.Of(12), people);
        string[] sync = ["sync", "people", "--id", "folder", "--yes", "--multiple-faces", "largest"];
        await shell.RunAsync(sync);
        var standing = (await server.FacesAsync(collection)).Count;
        Assert.InRange(standing, 8, 12);

        // Not mounted, it seems.
        Directory.Delete(people, recursive: true);
        Directory.CreateDirectory(people);
        var ended = await shell.RunAsync(sync);

        Assert.Equal(ExitCode.TooManyRemovals, ended.Code);
        var told = JsonNode.Parse((await shell.RunAsync([.. sync, "--plan", "--json"])).Out)!;
        Assert.Equal((false, standing, standing), (told["success"]!.GetValue<bool>(), told["removed"]!.GetValue<int>(), told["changes"]!.AsArray().Count(change => change!["kind"]!.GetValue<string>() == "left")));
        Assert.Equal("TOO_MANY_REMOVALS", told["error"]!["code"]!.GetValue<string>());
        Assert.Equal(standing, (await server.FacesAsync(collection)).Count);

        Assert.Equal(ExitCode.Done, (await shell.RunAsync([.. sync, "--max-removals", "100%"])).Code);
        Assert.Empty(await server.FacesAsync(collection));
    }

    [Fact]
    public async Task A_refused_photograph_is_not_sent_again_until_it_is_asked_for()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        Directory.CreateDirectory(Path.Combine(shell.Folder, "people"));
        File.Copy(Assets.Sample("nonface/coffee.png"), Path.Combine(shell.Folder, "people", "cup.png"));
        File.Copy(Assets.Lfw("Aaron_Pena"), Path.Combine(shell.Folder, "people", "pena.jpg"));
        string[] sync = ["sync", "people", "--yes"];

        Assert.Equal(ExitCode.SomeFailed, (await shell.RunAsync(sync)).Code);
        Assert.Equal(ExitCode.SomeFailed, (await shell.RunAsync(sync)).Code);
        Assert.Single(await server.JobsAsync(collection));

        Assert.Equal(ExitCode.SomeFailed, (await shell.RunAsync([.. sync, "--retry-refused"])).Code);
        Assert.Equal(2, (await server.JobsAsync(collection)).Count);
    }

    [Fact]
    public async Task Without_leave_it_only_says_what_it_would_do()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        Photographs.Copy(Photographs.Of(2), Path.Combine(shell.Folder, "people"));

        var ended = await shell.RunAsync("sync", "people");

        Assert.Equal(ExitCode.Usage, ended.Code);
        Assert.Contains("--yes", ended.Error, StringComparison.Ordinal);
        Assert.Empty(await server.JobsAsync(collection));
    }

    private static (int Added, int Changed, int Removed) Counts(JsonNode told) =>
        (told["added"]!.GetValue<int>(), told["changed"]!.GetValue<int>(), told["removed"]!.GetValue<int>());

    private static string Hash(string path) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
}
