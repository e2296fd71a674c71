using System.Net;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Batches;

/// <summary>What a submission says and what is then in the queue, to the letter. No worker runs, so the rows are as they were accepted.</summary>
public sealed class SubmitContractTests
{
    private static readonly byte[][] Photos = [.. Enumerable.Range(0, 3).Select(i => Pictures.Jpeg(120 + i, 120))];

    [Fact]
    public async Task A_hundred_images_are_accepted_at_once_though_nobody_works_on_them()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);

        var accepted = await tenant.SubmitAsync(Enumerable.Range(0, 100).Aggregate(new BatchBody(), (body, i) => body.Image($"p{i}", Photos[0])));

        Assert.Equal("queued", accepted["status"]!.GetValue<string>());
        Assert.Equal((100, 0), (accepted["total"]!.GetValue<int>(), accepted["processed"]!.GetValue<int>()));
        var polled = await tenant.PollAsync(accepted["job_id"]!.GetValue<string>());
        Assert.Equal("queued", polled["status"]!.GetValue<string>());
        Assert.Empty(polled["results"]!.AsArray());
        Assert.Equal(100, Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task The_202_names_the_job_says_when_to_come_again_and_has_exactly_six_fields()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await tenant.PostAsync(new BatchBody().Image("a", Photos[0]).Image("b", Photos[1]));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal("2", answer.Headers.GetValues("Retry-After").Single());
        var text = await answer.Content.ReadAsStringAsync();
        var job = System.Text.Json.Nodes.JsonNode.Parse(text)!["data"]!["job_id"]!.GetValue<string>();
        Assert.Equal($$$"""{"success":true,"data":{"job_id":"{{{job}}}","status":"queued","total":2,"processed":0,"succeeded":0,"failed":0}}""", text);
        Assert.Equal(job, (await tenant.GetAsync(answer.Headers.Location!.OriginalString))["job_id"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("before")]
    [InlineData("between")]
    [InlineData("after")]
    [InlineData("entries before")]
    [InlineData("entries after")]
    public async Task Images_ids_and_metadata_are_paired_by_their_order_wherever_they_stand(string where)
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        string[] ids = ["first", "second", "third"];
        string[] metadata = ["""{"n":1}""", "", """{"n":3}"""];
        const string entries = """[{"external_id": "first", "metadata": {"n": 1}}, {"external_id": "second", "metadata": null}, {"metadata": {"n": 3}, "external_id": "third"}]""";
        string[] names = ["images", "images[]", "images[7]"];
        var body = new BatchBody();
        if (where == "before") Texts();
        if (where == "entries before") body.Field("entries", entries);
        for (var i = 0; i < 3; i++)
        {
            if (where == "between") body.Field("metadata[]", metadata[i]);
            body.File(names[i], Photos[i]);
            if (where == "between") body.Field("external_ids", ids[i]);
        }

        if (where == "after") Texts();
        if (where == "entries after") body.Field("entries", entries);

        await tenant.SubmitAsync(body);

        var rows = await RowsAsync(host);
        Assert.Equal(ids, rows.Select(row => row.ExternalId));
        Assert.Equal(["""{"n":1}""", null, """{"n":3}"""], rows.Select(row => row.Metadata));
        Assert.Equal(Photos.Select(photo => Convert.ToHexStringLower(SHA256.HashData(photo))), rows.Select(row => row.ImageSha256));
        Assert.Equal(Photos, rows.Select(row => File.ReadAllBytes(Path.Combine(host.Data, "blobs", row.Blob!))));

        void Texts()
        {
            foreach (var id in ids) body.Field("external_ids[]", id);
            foreach (var one in metadata) body.Field("metadata[]", one);
        }
    }

    [Fact]
    public async Task The_longest_id_and_metadata_are_taken_and_one_more_is_too_long()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        var id = string.Concat(Enumerable.Repeat("\U0001F600", 255)); // code points, not units
        var metadata = $$"""{"a":"{{new string('x', (16 * 1024) - 8)}}"}""";
        Assert.Equal(16 * 1024, Encoding.UTF8.GetByteCount(metadata));

        await tenant.SubmitAsync(new BatchBody().Image(id, Photos[0]).Field("metadata[]", metadata));

        Assert.Equal((id, metadata), ((await RowsAsync(host))[0].ExternalId, (await RowsAsync(host))[0].Metadata));
        using var longerId = await tenant.PostAsync(new BatchBody().Image(id + "x", Photos[0]));
        Assert.Equal("INVALID_REQUEST", await longerId.ErrorCodeAsync());
        using var longerMetadata = await tenant.PostAsync(new BatchBody().Image("a", Photos[0]).Field("metadata[]", metadata + " "));
        Assert.Equal("INVALID_REQUEST", await longerMetadata.ErrorCodeAsync());
    }

    [Theory]
    [InlineData("replace")]
    [InlineData("replace_if_better")]
    [InlineData("append")]
    [InlineData("skip")]
    [InlineData("reject")]
    public async Task Every_mode_is_taken_and_told(string mode)
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);

        var job = await tenant.SubmitAsync(new BatchBody().Image("a", Photos[0]).Field("on_duplicate", mode));

        Assert.Equal(mode, (await tenant.PollAsync(job["job_id"]!.GetValue<string>()))["on_duplicate"]!.GetValue<string>());
    }

    [Fact]
    public async Task Ten_megabytes_are_an_image_and_a_byte_more_fails_alone_wherever_it_stands()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address);
        const int most = 10 * 1024 * 1024;

        await tenant.SubmitAsync(new BatchBody()
            .Image("large", Pictures.Padded(Photos[0], most)).Image("too large", Pictures.Padded(Photos[0], most + 1)).Image("small", Photos[1]));

        var rows = await RowsAsync(host);
        Assert.Equal([null, "IMAGE_TOO_LARGE", null], rows.Select(row => row.Refusal));
        Assert.Null(rows[1].Blob);
        Assert.Equal([most, most + 1, Photos[1].Length], rows.Select(row => row.BlobBytes));
    }

    [Fact]
    public async Task What_is_committed_is_synced_to_the_disk()
    {
        // A kill does not show it, and a test cannot cut the power: it holds the settings that the promise rests on.
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);

        await host.Get<Database>().WriteAsync(
            async tx =>
            {
                Assert.Equal(2, await tx.Connection!.ExecuteScalarAsync<long>("PRAGMA synchronous", null, tx)); // FULL
                Assert.Equal("wal", await tx.Connection!.ExecuteScalarAsync<string>("PRAGMA journal_mode", null, tx));
            },
            CancellationToken.None);
    }

    private static async Task<IReadOnlyList<Row>> RowsAsync(TestHost host) => [.. await host.Get<Database>().ReadAsync(
        tx => tx.Connection!.QueryAsync<Row>("SELECT external_id, metadata, image_sha256, blob, blob_bytes, refusal FROM job_item ORDER BY job_id, item_index", null, tx),
        CancellationToken.None)];

    private sealed record Row
    {
        public required string ExternalId { get; init; }

        public string? Metadata { get; init; }

        public required string ImageSha256 { get; init; }

        public string? Blob { get; init; }

        public required int BlobBytes { get; init; }

        public string? Refusal { get; init; }
    }
}
