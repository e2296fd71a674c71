using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Batches;

/// <summary>A request that is wrong as a whole is refused and leaves nothing behind.</summary>
public sealed class SubmitTests
{
    private static readonly byte[] Photo = Pictures.Jpeg(120, 120);

    public static TheoryData<string, string> Wrong() => new()
    {
        { "nothing", "NO_IMAGES" },
        { "101 images", "TOO_MANY_IMAGES" },
        { "an id too few", "COUNT_MISMATCH" },
        { "a metadata too few", "COUNT_MISMATCH" },
        { "an empty id", "INVALID_REQUEST" },
        { "an id of 256", "INVALID_REQUEST" },
        { "a control character", "INVALID_REQUEST" },
        { "metadata no object", "INVALID_REQUEST" },
        { "metadata too deep", "INVALID_REQUEST" },
        { "a name in UTF-7", "INVALID_REQUEST" },
        { "an unknown part", "INVALID_REQUEST" },
        { "an unknown mode", "INVALID_REQUEST" },
        { "an unknown way with several faces", "INVALID_REQUEST" },
        { "a dry run that is neither", "INVALID_REQUEST" },
        { "a liveness that is neither", "INVALID_REQUEST" },
        { "a quality of 2", "INVALID_REQUEST" },
        { "a gate twice", "INVALID_REQUEST" },
        { "5 MB of text", "PAYLOAD_TOO_LARGE" },
        { "10,000 parts", "INVALID_REQUEST" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_request_is_refused_with_its_code_and_leaves_no_row_and_no_file(string what, string code)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var response = await tenant.PostAsync(Body(what));

        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(code, error["error"]!["code"]!.GetValue<string>());
        Assert.False(error["success"]!.GetValue<bool>());
        Assert.NotNull(error["request_id"]);
        Assert.NotNull(error["timestamp"]);
        Assert.Equal(code == "PAYLOAD_TOO_LARGE" ? HttpStatusCode.RequestEntityTooLarge : HttpStatusCode.BadRequest, response.StatusCode);
        await AssertNothingLeftAsync(host);
    }

    [Fact]
    public async Task An_image_under_a_wrong_name_is_told_the_right_ones()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var response = await tenant.PostAsync(new BatchBody().File("image", Photo).Field("external_ids[]", "a"));

        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;
        Assert.Equal("INVALID_REQUEST", error["code"]!.GetValue<string>());
        Assert.StartsWith("The part 'image' is not known here. The parts are: images, external_ids[], metadata[], entries,", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_content_type_is_refused()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var response = await tenant.Key.PostAsync($"/api/v1/collections/{tenant.Collection}/faces/batch-async", new StringContent("{}"));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("UNSUPPORTED_MEDIA_TYPE", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collection_that_is_not_there_or_somebody_elses_is_not_found()
    {
        await using var host = await TestHost.StartAsync();
        var (one, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));

        foreach (var collection in new[] { other.Collection, "col_0", "../x" })
        {
            using var response = await one.Key.PostAsync(
                $"/api/v1/collections/{Uri.EscapeDataString(collection)}/faces/batch-async", new BatchBody().Image("a", Photo).ToContent());
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.Contains("COLLECTION_NOT_FOUND", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await AssertNothingLeftAsync(host);
    }

    [Fact]
    public async Task A_body_that_breaks_off_leaves_nothing_behind()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(host.Address.Host, host.Address.Port);
            var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /api/v1/collections/{tenant.Collection}/faces/batch-async HTTP/1.1\r\nHost: x\r\nX-API-Key: {tenant.ApiKey}\r\n" +
                "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n" +
                "--b\r\nContent-Disposition: form-data; name=\"images\"; filename=\"a.jpg\"\r\n\r\n"));
            await stream.WriteAsync(Photo);
            await Eventually.TrueAsync(() => Directory.EnumerateFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories).Any());
        }

        await Eventually.TrueAsync(() => !Directory.EnumerateFileSystemEntries(Path.Combine(host.Data, "blobs")).Any());
        await AssertNothingLeftAsync(host);
    }

    [Fact]
    public async Task A_store_that_takes_nothing_is_the_servers_trouble_and_is_said_so()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var blobs = Path.Combine(host.Data, "blobs");
        Directory.Delete(blobs);
        await File.WriteAllTextAsync(blobs, "in the way");

        using var response = await tenant.PostAsync(new BatchBody().Image("a", Photo));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("SERVICE_BUSY", await response.ErrorCodeAsync());
        Assert.NotNull(response.Headers.RetryAfter);
        File.Delete(blobs);
        Directory.CreateDirectory(blobs);
        await AssertNothingLeftAsync(host);
    }

    [Fact]
    public async Task Metadata_as_deep_as_it_may_be_comes_back_everywhere()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 32)) + "1" + new string('}', 32);
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))).Field("metadata[]", deep));

        Assert.Equal(deep, (await tenant.FacesAsync("p"))[0]!["metadata"]!.ToJsonString());
        Assert.Equal(deep, (await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell")))["matches"]![0]!["metadata"]!.ToJsonString());
    }

    [Fact]
    public async Task A_job_of_images_that_are_all_too_large_leaves_no_folder()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        var job = await tenant.EnrolAsync(new BatchBody().Image("a", Pictures.Padded(Photo, 11 * 1024 * 1024)));

        Assert.Equal("IMAGE_TOO_LARGE", job["results"]![0]!["error"]!["code"]!.GetValue<string>());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(host.Data, "blobs")));
    }

    [Fact]
    public async Task A_job_that_cannot_be_committed_leaves_no_image()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await host.Get<Database>().WriteAsync(
            tx => tx.Connection!.ExecuteAsync("CREATE TRIGGER broken BEFORE INSERT ON work BEGIN SELECT RAISE(ABORT, 'no'); END", null, tx),
            CancellationToken.None);

        using var response = await tenant.PostAsync(new BatchBody().Image("a", Photo));

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        await AssertNothingLeftAsync(host);
    }

    [Fact]
    public async Task Every_spelling_and_order_of_the_parts_is_taken()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var body = new BatchBody()
            .Field("external_ids", "first")
            .File("images[]", Photo)
            .Field("metadata[]", """{ "team": "blue" }""").Field("metadata[]", "{}").Field("metadata[]", "{}")
            .File("images[7]", Pictures.Jpeg(121, 120))
            .Field("external_ids[]", "second").Field("external_ids[]", "third")
            .File("images", Pictures.Jpeg(122, 120));

        var job = await tenant.EnrolAsync(body);

        Assert.Equal(["first", "second", "third"], job["results"]!.AsArray().Select(item => item!["external_id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Entries_stand_for_ids_and_metadata()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var body = new BatchBody()
            .File("images", File.ReadAllBytes(Assets.Lfw("Colin_Powell")))
            .Field("entries", """[{"external_id": "powell", "metadata": {"team": "blue"}}]""");

        await tenant.EnrolAsync(body);

        Assert.Equal("blue", (await tenant.FacesAsync("powell"))[0]!["metadata"]!["team"]!.GetValue<string>());
    }

    private static BatchBody Body(string what)
    {
        var body = new BatchBody();
        switch (what)
        {
            case "nothing": return body.Field("external_ids[]", "a");
            case "101 images": return Enumerable.Range(0, 101).Aggregate(body, (b, i) => b.Image($"p{i}", Photo));
            case "an id too few": return body.Image("a", Photo).File("images", Photo);
            case "a metadata too few": return body.Image("a", Photo).Image("b", Photo).Field("metadata[]", "{}");
            case "an empty id": return body.Image("", Photo);
            case "an id of 256": return body.Image(new string('x', 256), Photo);
            case "a control character": return body.Image("a\u0007", Photo);
            case "metadata no object": return body.Image("a", Photo).Field("metadata[]", "[1]");
            case "metadata too deep": return body.Image("a", Photo).Field("metadata[]", string.Concat(Enumerable.Repeat("{\"a\":", 33)) + "1" + new string('}', 33));
            case "a name in UTF-7": return body.Image("a", Photo).Field("=?utf-7?B?aW1hZ2Vz?=", "x");
            case "an unknown part": return body.Image("a", Photo).Field("colour", "blue");
            case "an unknown mode": return body.Image("a", Photo).Field("on_duplicate", "overwrite");
            case "an unknown way with several faces": return body.Image("a", Photo).Field("multiple_faces", "nearest");
            case "a dry run that is neither": return body.Image("a", Photo).Field("dry_run", "maybe");
            case "a liveness that is neither": return body.Image("a", Photo).Field("check_liveness", "maybe");
            case "a quality of 2": return body.Image("a", Photo).Field("min_quality", "2");
            case "a gate twice": return body.Image("a", Photo).Field("min_quality", "0.1").Field("min_quality", "0.2");
            case "5 MB of text": return body.Image("a", Photo).Field("metadata[]", new string(' ', 5 * 1024 * 1024));
            case "10,000 parts": return Enumerable.Range(0, 10_000).Aggregate(body, (b, _) => b.Field("external_ids[]", "a"));
            default: throw new ArgumentOutOfRangeException(nameof(what));
        }
    }

    private static async Task AssertNothingLeftAsync(TestHost host)
    {
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(host.Data, "blobs")));
        var rows = await host.Get<Database>().ReadAsync(
            tx => tx.Connection!.ExecuteScalarAsync<long>(
                "SELECT (SELECT COUNT(*) FROM job) + (SELECT COUNT(*) FROM job_item) + (SELECT COUNT(*) FROM work)", null, tx),
            CancellationToken.None);
        Assert.Equal(0, rows);
    }
}
