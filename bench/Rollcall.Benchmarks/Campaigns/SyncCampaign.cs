using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>What a comparison cost.</summary>
internal sealed record SyncReport(TimeSpan First, TimeSpan Again, long PeakBytes);

/// <summary>
/// `rollcall sync --plan` on a folder against a collection that has a reference for each file and one more: the first time, and again when no
/// file has to be read. The server is made up, for a real one would take its time over enrolling as many; it does nothing but list.
/// </summary>
/// <param name="folder">An empty folder for all that the campaign writes.</param>
/// <param name="files">Files in the folder; the collection has twice as many references.</param>
internal sealed class SyncCampaign(string folder, int files)
{
    private const int Page = 200;

    private const string Collection = """
        {"success": true, "data": {"id": "col_1", "name": "people", "description": null, "face_count": 0, "person_count": 0, "model": null, "created_at": "2026-01-01T00:00:00Z",
         "settings": {"min_quality": 0.4, "on_duplicate": "replace", "multiple_faces": "reject", "check_liveness": false, "allow_identity_change": false,
          "identity_guard": null, "identify_threshold": null, "duplicate_threshold": null, "keep_images": false, "retention_days": null}}}
        """;

    private long _peak;

    public async Task<SyncReport> RunAsync()
    {
        for (var i = 0; i < files; i++)
        {
            var person = Directory.CreateDirectory(Path.Combine(folder, "people", Person(i))).FullName;
            await File.WriteAllTextAsync(Path.Combine(person, "1.jpg"), Content(i));
        }

        using var server = new HttpListener();
        var address = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}/");
        server.Prefixes.Add(address.ToString());
        server.Start();
        var serving = ServeAsync(server);
        var first = await PlanAsync(address);
        var again = await PlanAsync(address);
        server.Stop();
        await serving;
        return new SyncReport(first, again, _peak);
    }

    private async Task<TimeSpan> PlanAsync(Uri address)
    {
        var variables = new Dictionary<string, string?>
        {
            ["ROLLCALL_URL"] = address.ToString(),
            ["ROLLCALL_API_KEY"] = "rc_live_x",
            ["ROLLCALL_COLLECTION"] = "col_1",
            ["XDG_STATE_HOME"] = Path.Combine(folder, "state"),
        };
        var began = TimeProvider.System.GetTimestamp();
        using var command = CommandProcess.Start(folder, variables, ["sync", "people", "--id", "folder", "--plan", "--json", "--max-removals", "100%"]);
        var end = command.EndAsync();
        while (!end.IsCompleted)
        {
            _peak = Math.Max(_peak, command.PeakBytes());
            await Task.WhenAny(end, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System));
        }

        var took = TimeProvider.System.GetElapsedTime(began);
        var ended = await end;
        if (ended.Code != 6) throw new InvalidOperationException($"The sync ended with {ended.Code}: {ended.Error}");
        var told = JsonNode.Parse(ended.Out)!;
        if ((Count("added"), Count("changed"), Count("removed"), Count("unchanged")) != (0, 0, files, files)) throw new InvalidOperationException($"The sync has found something else: {told["added"]}, {told["changed"]}, {told["removed"]}, {told["unchanged"]}.");
        return took;

        int Count(string name) => told[name]!.GetValue<int>();
    }

    private async Task ServeAsync(HttpListener server)
    {
        try
        {
            while (true)
            {
                var context = await server.GetContextAsync();
                var answer = context.Request.Url!.AbsolutePath.EndsWith("/faces", StringComparison.Ordinal) ? Faces(context.Request.QueryString["cursor"]) : Collection;
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
                context.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException && !server.IsListening)
        {
            // It was told to stop.
        }
    }

    private string Faces(string? cursor)
    {
        var from = cursor is null ? 0 : int.Parse(cursor, CultureInfo.InvariantCulture);
        var to = Math.Min(from + Page, 2 * files);
        var faces = Enumerable.Range(from, to - from).Select(i => $$"""
            {"face_id": "face_{{i}}", "collection_id": "col_1", "external_id": "{{Person(i / 2)}}", "metadata": null, "quality_score": 0.5, "model": "standard", "job_id": null, "index": null,
             "bounding_box": {"x": 0, "y": 0, "width": 1, "height": 1}, "created_at": "2026-01-01T00:00:00Z",
             "image_sha256": "{{Hash(i % 2 == 0 ? Content(i / 2) : $"gone {i}")}}"}
            """);
        return $$"""{"success": true, "data": {"faces": [{{string.Join(',', faces)}}], "next_cursor": {{(to < 2 * files ? $"\"{to}\"" : "null")}} } }""";
    }

    private static string Person(int number) => string.Create(CultureInfo.InvariantCulture, $"person-{number:000000}");

    private static string Content(int number) => string.Create(CultureInfo.InvariantCulture, $"photograph {number}");

    private static string Hash(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
}
