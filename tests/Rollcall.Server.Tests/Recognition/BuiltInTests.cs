using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rollcall.Faces.Models;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.Accounts;

namespace Rollcall.Server.Tests.Recognition;

/// <summary>Servers with the built-in pack, or where they could fall back to it. None of them reaches a network.</summary>
public sealed class BuiltInTests : IDisposable
{
    private readonly TestFolder _data = new();
    private readonly TestFolder _mirror = new();
    private readonly WatchedLog _instead = new(2007);
    private readonly WatchedLog _stays = new(2008);
    private readonly WatchedLog _others = new(2009);
    private readonly WatchedLog _refused = new(2004);

    public void Dispose()
    {
        _data.Dispose();
        _mirror.Dispose();
    }

    [Fact]
    public async Task Without_any_model_file_it_enrols_and_recognises_and_says_that_it_is_for_trying_out()
    {
        await using var host = await StartAsync(allowed: true);

        var model = (await ReadyAsync(host))["model"]!;
        Assert.Equal(("compact", true), (model["id"]!.GetValue<string>(), model["evaluation"]!.GetValue<bool>()));
        Assert.Contains("not for production", model["caveat"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("% of the pairs", model["caveat"]!.GetValue<string>(), StringComparison.Ordinal);
        var told = Assert.Single(_instead.Lines);
        foreach (var part in new[] { "standard", "compact", "folder: none", "cache: ", _mirror.Path, "switched off" }) Assert.Contains(part, told, StringComparison.Ordinal);

        var tenant = await Tenant.CreateAsync(host.Address);
        var collection = await tenant.GetAsync($"/api/v1/collections/{tenant.Collection}");
        Assert.Equal("""{"id":"compact","evaluation":true}""", collection["model"]!.ToJsonString());
        var job = await tenant.EnrolAsync(BatchBody.Of(
            ("powell", Assets.Lfw("Colin_Powell")), ("powell", Assets.Lfw("Colin_Powell", 3)), ("ridge", Assets.Lfw("Tom_Ridge")), ("bush", Assets.Lfw("George_W_Bush"))));
        Assert.Equal(4, job["succeeded"]!.GetValue<int>());
        Assert.Equal("compact", (await tenant.FacesAsync("powell"))[0]!["model"]!.GetValue<string>());
        var match = Assert.Single((await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 2)))["matches"]!.AsArray())!;
        Assert.Equal("powell", match["external_id"]!.GetValue<string>());
        Assert.Empty((await tenant.IdentifyAsync(Assets.Lfw("Hans_Blix")))["matches"]!.AsArray());
    }

    [Fact]
    public async Task Where_it_is_not_allowed_a_server_without_model_files_does_not_start_and_says_how_to_get_them()
    {
        var message = await RefusedAsync(allowed: false);

        foreach (var part in new[] { "Mirror", "Models:Folder", "download ", "SHA-256", "Models:AllowBuiltIn=true" }) Assert.Contains(part, message, StringComparison.Ordinal);
        Assert.Contains("asks for the built-in", await RefusedAsync(allowed: false, "--Models:Pack=compact"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_asked_for_by_name_is_what_runs()
    {
        Assert.Contains("leave Models:Pack out", await RefusedAsync(allowed: true, "--Models:Pack=standard"), StringComparison.Ordinal);

        await using var host = await StartAsync(allowed: true, "--Models:Pack=compact");
        Assert.Equal("compact", await PackAsync(host));
        Assert.Empty(_instead.Lines);
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("cache")]
    [InlineData("mirror")]
    public async Task It_comes_last(string place)
    {
        using var folder = new TestFolder();
        FillWithStandard(place switch
        {
            "folder" => folder.Path,
            "cache" => Path.Combine(_data.Path, DataFolder.ModelsName),
            _ => _mirror.Path,
        });

        await using var host = await StartAsync(allowed: true, $"--Models:Folder={folder.Path}");

        Assert.Equal("standard", await PackAsync(host));
        Assert.Empty(_instead.Lines);
    }

    [Fact]
    public async Task An_unreachable_network_is_asked_twice_and_then_it_runs()
    {
        var network = new DeadNetwork();

        await using var host = await StartAsync(
            ["--Models:AllowBuiltIn=true", "--Models:AllowDownload=true"],
            builder => builder.Services.AddHttpClient<ModelStore>().ConfigurePrimaryHttpMessageHandler(() => network));

        Assert.Equal("compact", await PackAsync(host));
        Assert.Equal(2, network.Asked);
        Assert.Contains("nobody answers", Assert.Single(_instead.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cache")]
    [InlineData("mirror")]
    public async Task A_damaged_file_is_named_in_warnings_before_it_runs_and_stops_a_server_that_may_not(string place)
    {
        var root = place == "cache" ? Path.Combine(_data.Path, DataFolder.ModelsName) : _mirror.Path;
        var damaged = Path.Combine(root, "standard", ModelPack.Standard.Files[0].Name);
        Directory.CreateDirectory(Path.GetDirectoryName(damaged)!);
        await File.WriteAllTextAsync(damaged, "not a model");

        Assert.Contains($"{damaged} has 11 bytes", await RefusedAsync(allowed: false), StringComparison.Ordinal);
        await using var host = await StartAsync(allowed: true);

        Assert.Equal("compact", await PackAsync(host));
        Assert.Contains(_refused.Lines, line => line.Contains($"{damaged} was refused", StringComparison.Ordinal));
        Assert.Contains($"{damaged} has 11 bytes", Assert.Single(_instead.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_with_its_collections_stays_with_it_until_it_is_moved()
    {
        var standard = "--Models:Pack=standard";
        await using (var first = await StartAsync(allowed: true)) Assert.Equal("compact", await PackAsync(first));

        // Nothing was made with it yet: what can be had now is taken.
        FillWithStandard(_mirror.Path);
        await using (var host = await StartAsync(allowed: true)) Assert.Equal("standard", await PackAsync(host));

        EmptyOfStandard();
        Tenant tenant;
        await using (var host = await StartAsync(allowed: true)) tenant = await Tenant.CreateAsync(host.Address);

        FillWithStandard(_mirror.Path);
        await using (var host = await StartAsync(allowed: true))
        {
            Assert.Equal("compact", await PackAsync(host));
            Assert.Contains("Models:Pack=standard", Assert.Single(_stays.Lines), StringComparison.Ordinal);
        }

        var refused = await RefusedAsync(allowed: false);
        foreach (var part in new[] { "Models:AllowBuiltIn=true", "--data DIR", "Models:Pack=standard" }) Assert.Contains(part, refused, StringComparison.Ordinal);

        await using (var moved = await StartAsync(allowed: false, standard))
        {
            Assert.Equal("standard", await PackAsync(moved));
            Assert.Contains("compact", Assert.Single(_others.Lines), StringComparison.Ordinal);
            using var key = moved.ClientWith("X-API-Key", tenant.ApiKey);
            await key.SendAsync($"collections/{tenant.Collection}/identify", [ProbeCalls.File("image", Assets.Lfw("Tom_Ridge"))])
                .RefusedAsync(HttpStatusCode.Conflict, "MODEL_MISMATCH");
            await Tenant.CreateAsync(moved.Address);
        }

        // Both packs' collections are there now: without a word it is the standard one, and never the built-in one instead.
        await using (var host = await StartAsync(allowed: true)) Assert.Equal("standard", await PackAsync(host));
        await using (var host = await StartAsync(allowed: true, "--Models:Pack=compact")) Assert.Equal("compact", await PackAsync(host));
        EmptyOfStandard();
        Assert.Contains("does not stand in", await RefusedAsync(allowed: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_with_collections_of_another_pack_never_runs_it()
    {
        FillWithStandard(_mirror.Path);
        await using (var host = await StartAsync(allowed: true)) await Tenant.CreateAsync(host.Address);
        EmptyOfStandard();

        var refused = await RefusedAsync(allowed: true);
        foreach (var part in new[] { "does not stand in", "'standard'", "--data DIR", "Mirror" }) Assert.Contains(part, refused, StringComparison.Ordinal);
        Assert.Contains("does not run on it", await RefusedAsync(allowed: true, "--Models:Pack=compact"), StringComparison.Ordinal);
        Assert.Empty(_instead.Lines);
    }

    private Task<TestHost> StartAsync(bool allowed, params string[] args) =>
        StartAsync([$"--Models:AllowBuiltIn={(allowed ? "true" : "false")}", "--Models:AllowDownload=false", .. args]);

    private Task<TestHost> StartAsync(string[] args, Action<WebApplicationBuilder>? customize = null) => TestHost.StartAsync(
        data: _data.Path,
        customize: builder =>
        {
            foreach (var log in new[] { _instead, _stays, _others, _refused }) builder.Logging.AddProvider(log);
            customize?.Invoke(builder);
        },
        args: [$"--Models:Mirror={_mirror.Path}", .. args]);

    /// <summary>What an operator reads when it does not start.</summary>
    private async Task<string> RefusedAsync(bool allowed, params string[] args)
    {
        var failure = await Record.ExceptionAsync(() => StartAsync(allowed, args));
        Assert.True(failure is not null && Startup.IsOperatorsToMend(failure), failure?.ToString() ?? "It started.");
        return Startup.AdviceOn(failure!);
    }

    private static async Task<System.Text.Json.Nodes.JsonObject> ReadyAsync(TestHost host)
    {
        using var response = await host.Http.GetAsync("/readyz");
        return (await response.JsonAsync())["data"]!.AsObject();
    }

    private static async Task<string> PackAsync(TestHost host) => (await ReadyAsync(host))["model"]!["id"]!.GetValue<string>();

    private static void FillWithStandard(string root)
    {
        var folder = Directory.CreateDirectory(Path.Combine(root, "standard")).FullName;
        foreach (var file in ModelPack.Standard.Files.Where(ModelPack.Standard.Needs))
            File.Copy(Path.Combine(Assets.Models, "standard", file.Name), Path.Combine(folder, file.Name), overwrite: true);
    }

    private void EmptyOfStandard()
    {
        foreach (var root in new[] { _mirror.Path, Path.Combine(_data.Path, DataFolder.ModelsName) })
            Directory.Delete(Path.Combine(root, "standard"), recursive: true);
    }

    private sealed class DeadNetwork : HttpMessageHandler
    {
        private int _asked;

        public int Asked => _asked;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            throw new HttpRequestException("nobody answers");
        }
    }
}
