using System.Text.Json.Nodes;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests;

/// <summary>A user at a shell: the command as a process, with a home of its own.</summary>
internal sealed class Shell(LiveServer server, string? collection = null, bool hasKey = true, Uri? address = null) : IDisposable
{
    private readonly TestFolder _home = new();

    public string Folder => _home.Path;

    public string Config => Path.Combine(_home.Path, "logins.json");

    public string State => Path.Combine(_home.Path, "state");

    public async Task<CommandEnd> RunAsync(params string[] words)
    {
        using var running = Start(null, words);
        return await running.EndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>As <see cref="RunAsync"/> with --json: the answer.</summary>
    public async Task<JsonObject> AskAsync(params string[] words)
    {
        var ended = await RunAsync([.. words, "--json"]);
        Assert.True(ended.Code is 0 or 1 or 6, ended.ToString());
        return JsonNode.Parse(ended.Out)!.AsObject();
    }

    public CommandProcess Start(string? input, params string[] words) => CommandProcess.Start(Folder, Variables(), words, input);

    public Dictionary<string, string?> Variables() => new()
    {
        ["ROLLCALL_URL"] = (address ?? server.Address).ToString(),
        ["ROLLCALL_CONFIG"] = Config,
        ["XDG_STATE_HOME"] = State,
        ["ROLLCALL_COLLECTION"] = collection,
        ["ROLLCALL_API_KEY"] = hasKey ? server.ApiKey : null,
    };

    public void Dispose() => _home.Dispose();
}
