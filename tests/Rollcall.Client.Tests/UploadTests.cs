using System.Text.Json;
using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests;

public sealed class UploadTests
{
    private static readonly ImageFile Image = ImageFile.FromBytes("a.jpg", [1, 2, 3]);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Text_comes_first_then_the_images_in_their_order()
    {
        byte[] second = [.. Enumerable.Range(0, 256).Select(value => (byte)value), .. "\r\n--"u8];

        var parts = await SubmitAsync([new("é/1", Image), new(" two ", ImageFile.FromBytes("b.png", second))]);

        Assert.Equal(
            ["external_ids[]=é/1", "external_ids[]= two ", "images(a.jpg)=AQID", $"images(b.png)={Convert.ToBase64String(second)}"],
            parts);
    }

    [Fact]
    public async Task Gates_are_sent_only_when_they_are_set()
    {
        var parts = await SubmitAsync(
            [new("1", Image)],
            new()
            {
                OnDuplicate = OnDuplicate.ReplaceIfBetter,
                MultipleFaces = MultipleFaces.MatchExisting,
                MinQuality = 0.55,
                CheckLiveness = true,
                AllowIdentityChange = false,
                DryRun = true,
            });

        Assert.Equal(
            [
                "on_duplicate=replace_if_better", "multiple_faces=match_existing", "min_quality=0.55", "check_liveness=true",
                "allow_identity_change=false", "dry_run=true", "external_ids[]=1", "images(a.jpg)=AQID",
            ],
            parts);
    }

    [Fact]
    public async Task Metadata_of_some_makes_one_list_of_all()
    {
        var metadata = JsonElement.Parse("""{"team": "é"}""");

        var parts = await SubmitAsync([new("1", Image) { Metadata = metadata }, new("2", Image)]);

        Assert.StartsWith("entries=", parts[0], StringComparison.Ordinal);

        // As it is: escaped it would be thrice as long, and metadata has a limit.
        Assert.Contains("\"é\"", parts[0], StringComparison.Ordinal);
        Wire.AssertSame("""[{"external_id": "1", "metadata": {"team": "é"}}, {"external_id": "2"}]""", parts[0]["entries=".Length..]);
        Assert.Equal(["images(a.jpg)=AQID", "images(a.jpg)=AQID"], parts.Skip(1));
    }

    [Theory]
    [InlineData("", "image")]
    [InlineData("a\"\r\n b.jpg", "a____b.jpg")]
    [InlineData("żółw.webp", "___w.webp")]
    public async Task A_file_name_cannot_break_out_of_its_header(string name, string sent) =>
        Assert.Equal(
            ["external_ids[]=1", $"images({sent})=AQID"],
            await SubmitAsync([new("1", ImageFile.FromBytes(name, [1, 2, 3]))]));

    [Fact]
    public async Task One_face_is_enrolled_with_its_gates_and_metadata()
    {
        var server = new RecordingServer(Samples.Face);
        var person = new BatchEntry("é 1", Image) { Metadata = JsonElement.Parse("""{"a":1}""") };

        var face = await server.Client().EnrolFaceAsync(
            "col_1",
            person,
            new() { OnDuplicate = OnDuplicate.Replace, MultipleFaces = MultipleFaces.Largest, MinQuality = 0.5, CheckLiveness = false, AllowIdentityChange = true },
            Cancelled);

        Assert.Equal("face_1", face.FaceId);
        Assert.EndsWith("/api/v1/collections/col_1/faces", server.Address, StringComparison.Ordinal);
        Assert.Equal(
            [
                "external_id=é 1", """metadata={"a":1}""", "on_duplicate=replace", "multiple_faces=largest", "min_quality=0.5", "check_liveness=false",
                "allow_identity_change=true", "image(a.jpg)=AQID",
            ],
            await server.PartsAsync());

        server = new RecordingServer(Samples.Face);
        await server.Client().EnrolFaceAsync("col_1", new("1", Image), cancellationToken: Cancelled);
        Assert.Equal(["external_id=1", "image(a.jpg)=AQID"], await server.PartsAsync());
    }

    [Fact]
    public async Task A_batch_that_is_waited_for_gives_the_finished_job()
    {
        var server = new RecordingServer(Samples.Job("done", 2));

        var job = await server.Client().EnrolBatchAsync("col_1", [new("1", Image), new("2", Image)], new() { MinQuality = 0.5, IdempotencyKey = "k" }, Cancelled);

        Assert.Equal((JobStatus.Done, 2), (job.Status, job.Processed));
        Assert.EndsWith("/api/v1/collections/col_1/faces/batch", server.Address, StringComparison.Ordinal);
        Assert.Equal("k", server.Headers["Idempotency-Key"]);
        Assert.Equal(["min_quality=0.5", "external_ids[]=1", "external_ids[]=2", "images(a.jpg)=AQID", "images(a.jpg)=AQID"], await server.PartsAsync());
        await Assert.ThrowsAsync<ArgumentException>(
            () => server.Client().EnrolBatchAsync("col_1", [.. Enumerable.Repeat(new BatchEntry("1", Image), 21)], null, Cancelled));
    }

    [Fact]
    public async Task Identification_sends_its_options_and_the_image()
    {
        var server = new RecordingServer(Samples.Identified);

        await server.Client().IdentifyAsync(
            "col_1",
            Image,
            new() { TopK = 5, Threshold = 0.5, MultipleFaces = MultipleFaces.Reject, Deduplicate = false, ReturnMetadata = true },
            Cancelled);

        Assert.EndsWith("/api/v1/collections/col_1/identify", server.Address, StringComparison.Ordinal);
        Assert.Equal(
            ["top_k=5", "threshold=0.5", "multiple_faces=reject", "deduplicate=false", "return_metadata=true", "image(a.jpg)=AQID"],
            await server.PartsAsync());
    }

    [Fact]
    public async Task A_verification_names_the_person_or_the_face()
    {
        var server = new RecordingServer(Samples.Verified);
        var result = await server.Client().VerifyPersonAsync(
            "col_1", "é 1", Image, new() { Threshold = 0.25, MultipleFaces = MultipleFaces.Reject }, Cancelled);

        Assert.Equal((true, "face_1"), (result.Verified, result.FaceId));
        Assert.EndsWith("/api/v1/collections/col_1/verify", server.Address, StringComparison.Ordinal);
        Assert.Equal(["threshold=0.25", "multiple_faces=reject", "external_id=é 1", "image(a.jpg)=AQID"], await server.PartsAsync());

        server = new RecordingServer(Samples.Verified);
        await server.Client().VerifyFaceAsync("col_1", "face_1", Image, cancellationToken: Cancelled);
        Assert.Equal(["face_id=face_1", "image(a.jpg)=AQID"], await server.PartsAsync());
    }

    [Fact]
    public async Task A_comparison_sends_both_images_and_a_detection_one()
    {
        var server = new RecordingServer("""{"similarity": 0.75, "cosine": 0.5, "verified": true, "threshold": 0.5}""");
        Assert.True((await server.Client().CompareAsync(Image, ImageFile.FromBytes("b.jpg", [4]), new() { Threshold = 0.5 }, Cancelled)).Verified);
        Assert.EndsWith("/api/v1/compare", server.Address, StringComparison.Ordinal);
        Assert.Equal(["threshold=0.5", "image_a(a.jpg)=AQID", "image_b(b.jpg)=BA=="], await server.PartsAsync());

        server = new RecordingServer("""{"faces": [], "faces_found": 0}""");
        Assert.Empty((await server.Client().DetectAsync(Image, Cancelled)).Faces);
        Assert.EndsWith("/api/v1/detect", server.Address, StringComparison.Ordinal);
        Assert.Equal(["image(a.jpg)=AQID"], await server.PartsAsync());
    }

    [Fact]
    public async Task The_idempotency_key_is_a_header()
    {
        var server = new RecordingServer(Samples.Accepted);

        await server.Client().SubmitBatchAsync("col_1", [new("1", Image)], new() { IdempotencyKey = "night 1" }, Cancelled);

        Assert.Equal("night 1", server.Headers["Idempotency-Key"]);
        Assert.Equal("100-continue", server.Headers["Expect"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("é")]
    [InlineData("a\r\nX-API-Key: b")]
    public Task An_idempotency_key_that_is_none_is_refused(string key) => Assert.ThrowsAsync<ArgumentException>(
        () => SubmitAsync([new("1", Image)], new() { IdempotencyKey = key }));

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public Task A_batch_of_no_images_or_too_many_is_never_sent(int count) => Assert.ThrowsAsync<ArgumentException>(
        () => SubmitAsync([.. Enumerable.Repeat(new BatchEntry("1", Image), count)]));

    [Fact]
    public Task Half_a_character_is_no_external_id() => Assert.ThrowsAnyAsync<ArgumentException>(() => SubmitAsync([new("\ud800", Image)]));

    private static async Task<IReadOnlyList<string>> SubmitAsync(IReadOnlyList<BatchEntry> entries, BatchOptions? options = null)
    {
        var server = new RecordingServer(Samples.Accepted);
        var accepted = await server.Client().SubmitBatchAsync("col_1", entries, options, Cancelled);
        Assert.Equal("j", accepted.JobId);
        Assert.EndsWith("/api/v1/collections/col_1/faces/batch-async", server.Address, StringComparison.Ordinal);
        return await server.PartsAsync();
    }
}
