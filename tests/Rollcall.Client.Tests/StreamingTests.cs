namespace Rollcall.Client.Tests;

public sealed class StreamingTests
{
    private const int MegaByte = 1024 * 1024;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Images_are_opened_one_at_a_time_and_closed()
    {
        var watch = new ImageWatch();
        var client = new RecordingServer(Samples.Accepted).Client();

        await client.SubmitBatchAsync("col_1", watch.Entries(20, 1000, known: true), null, Cancelled);

        Assert.Equal((20, 0, 1), (watch.Opened, watch.Open, watch.MostOpen));
    }

    [Fact]
    public async Task No_image_is_held_in_memory()
    {
        var watch = new ImageWatch();
        var server = new ThirstyServer(watch);

        await server.Client().SubmitBatchAsync("col_1", watch.Entries(4, 8 * MegaByte, known: false), null, Cancelled);

        Assert.Equal(4L * 8 * MegaByte, watch.Given);
        Assert.InRange(server.MostAhead, 1, 256 * 1024);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_length_of_the_upload_is_known_when_that_of_every_image_is(bool known)
    {
        var server = new RecordingServer(Samples.Accepted);
        var watch = new ImageWatch();

        await server.Client().SubmitBatchAsync(
            "col_1", [.. watch.Entries(2, 5000, known: true), .. watch.Entries(1, 5000, known)], null, Cancelled);

        Assert.Equal(known ? server.Received : null, server.ContentLength);
    }

    [Fact]
    public async Task A_file_on_disk_is_sent_with_its_length_and_left_free()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.jpg");
        await File.WriteAllBytesAsync(path, [1, 2, 3], Cancelled);
        try
        {
            var server = new RecordingServer(Samples.Accepted);

            await server.Client().SubmitBatchAsync("col_1", [new("1", ImageFile.FromPath(path))], null, Cancelled);

            Assert.Equal(server.Received, server.ContentLength);
            Assert.EndsWith("=AQID", (await server.PartsAsync())[1], StringComparison.Ordinal);
            await using var alone = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task An_image_that_cannot_be_opened_fails_the_upload()
    {
        var missing = new ImageFile("a.jpg", _ => throw new FileNotFoundException("gone"));

        var exception = await Assert.ThrowsAsync<HttpRequestException>(
            () => new RecordingServer(Samples.Accepted).Client().SubmitBatchAsync("col_1", [new("1", missing)], null, Cancelled));

        Assert.Contains("gone", exception.ToString(), StringComparison.Ordinal);
    }
}
