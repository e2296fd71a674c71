using System.Text;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Benchmarks.Campaigns;

namespace Rollcall.Server.Tests.Batches;

/// <summary>
/// Requests that mean harm or come from a broken program: each gets its status and code, leaves no row and no file, and the server enrols
/// as before.
/// </summary>
public sealed class HostileTests(HostileTests.Server server) : IClassFixture<HostileTests.Server>
{
    private const int Megabyte = 1024 * 1024;

    public static TheoryData<string> Names() => [.. HostileRequests.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_is_refused_with_its_code_leaves_nothing_behind_and_the_server_goes_on(string what)
    {
        var (host, tenant) = (server.Host, server.Tenant);
        var (request, status, code) = HostileRequests.All[what];
        var before = await Leftovers.OfAsync(host);

        var answer = await RawHttp.SendAsync(host.Address, request(tenant));

        Assert.Equal((status, code), (answer.Status, answer.Code));
        Assert.DoesNotContain("X-Evil", answer.Head, StringComparison.OrdinalIgnoreCase);
        await Leftovers.AreAsync(before, host);
        await server.StillEnrolsAsync();
    }

    public static TheoryData<string> Breaks() => [.. HostileRequests.Cut.Keys];

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task It_breaks_off_and_leaves_nothing_behind_and_the_server_goes_on(string where)
    {
        var (host, tenant) = (server.Host, server.Tenant);
        var before = await Leftovers.OfAsync(host);

        var answer = await RawHttp.SendAndGoAsync(host.Address, HostileRequests.Cut[where](tenant));

        // Who has gone may not be told any more.
        if (answer.Status != 0) Assert.Equal((400, "INVALID_REQUEST"), (answer.Status, answer.Code ?? "INVALID_REQUEST"));
        await Leftovers.AreAsync(before, host);
        await server.StillEnrolsAsync();
    }

    [Fact]
    public async Task A_foreign_collection_is_an_unknown_one()
    {
        var before = await Leftovers.OfAsync(server.Host);

        var answer = await RawHttp.SendAsync(server.Host.Address, HostileRequests.Post(server.Tenant, HostileRequests.Good(), collection: server.Other.Collection));

        Assert.Equal((404, "COLLECTION_NOT_FOUND"), (answer.Status, answer.Code));
        await Leftovers.AreAsync(before, server.Host);
    }

    [Fact]
    public async Task A_token_that_has_expired_is_refused_before_the_body_is_read()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time);
        var tenant = await Tenant.CreateAsync(host.Address);
        var before = await Leftovers.OfAsync(host);
        time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromMinutes(1));

        // The body is announced and never sent: only who does not wait for it can answer.
        var answer = await RawHttp.SendAsync(host.Address, HostileRequests.Post(tenant, [], credential: $"Authorization: Bearer {tenant.Token}", length: 1000));

        Assert.Equal((401, "TOKEN_EXPIRED"), (answer.Status, answer.Code));
        await Leftovers.AreAsync(before, host);
    }

    [Fact]
    public async Task A_body_without_an_end_is_cut_off_at_the_limit_and_what_was_kept_of_it_meanwhile_was_one_image_at_most()
    {
        var (host, tenant) = (server.Host, server.Tenant);
        var before = await Leftovers.OfAsync(host);
        var chunk = HostileRequests.Chunk(new byte[Megabyte]);
        var (sent, most) = (0, 0L);

        var answer = await RawHttp.SendAsync(host.Address, Flood());

        Assert.Equal((413, "PAYLOAD_TOO_LARGE"), (answer.Status, answer.Code));
        Assert.InRange(sent, 1000, 1200); // megabytes: 1.1 GB and what was on its way
        Assert.InRange(most, 1, 10 * Megabyte);
        await Leftovers.AreAsync(before, host);
        await server.StillEnrolsAsync();

        IEnumerable<ReadOnlyMemory<byte>> Flood()
        {
            yield return HostileRequests.Chunked(tenant, HostileRequests.Chunk([.. "--b\r\n"u8, .. HostileRequests.Part("images", [], "a.jpg")]));
            for (; sent < 2048; sent++)
            {
                if (sent % 50 == 20) most = Math.Max(most, Directory.EnumerateFiles(Path.Combine(host.Data, "blobs"), "*.partial", SearchOption.AllDirectories).Sum(Length));
                yield return chunk;
            }
        }

        static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;
    }

    [Theory]
    [InlineData("../../x")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\..\\x")]
    [InlineData("a\u0000.jpg")]
    [InlineData("<script>.jpg")]
    public async Task A_files_name_is_nobodys_business(string name)
    {
        var (host, tenant) = (server.Host, server.Tenant);
        var before = await Leftovers.OfAsync(host);
        var body = HostileRequests.Body(
            HostileRequests.Part("images", Pictures.Jpeg(120, 120), name), HostileRequests.Part("external_ids[]", Encoding.UTF8.GetBytes($"traversal {name.Length}")));

        var answer = await RawHttp.SendAsync(host.Address, HostileRequests.Post(tenant, body));

        Assert.Equal(202, answer.Status);
        await tenant.EndOfAsync(answer.Text.Split("\"job_id\":\"")[1].Split('"')[0]);
        var files = (await Leftovers.OfAsync(host)).Except(before).Where(line => !line.EndsWith("rows", StringComparison.Ordinal));
        Assert.All(files, file => Assert.Matches("^blobs/[0-9a-f-]{36}(/000)?$", file));
    }

    [Fact]
    public async Task An_answer_never_repeats_a_request_id_that_is_no_token()
    {
        var answer = await RawHttp.SendAsync(
            server.Host.Address, HostileRequests.Post(server.Tenant, HostileRequests.Body(), more: "X-Request-Id: a%0d%0aX-Evil:1\r\n"));

        Assert.DoesNotContain("Evil", answer.Text, StringComparison.Ordinal);
        Assert.Contains("X-Request-Id: req_", answer.Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_lengths_of_two_kinds_are_one_request_and_the_connection_ends_with_it()
    {
        // If the length were believed, the second request would be a body; if the chunks are, nothing after them may be another's request.
        var second = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray();
        var first = Encoding.Latin1.GetString(HostileRequests.Chunked(server.Tenant, [.. HostileRequests.Chunk(HostileRequests.Body()), .. "0\r\n\r\n"u8]))
            .Replace("Transfer-Encoding", "Content-Length: 6\r\nTransfer-Encoding", StringComparison.Ordinal).Replace("Connection: close\r\n", "", StringComparison.Ordinal);
        var before = await Leftovers.OfAsync(server.Host);

        var answer = await RawHttp.SendAsync(server.Host.Address, Encoding.Latin1.GetBytes(first), second);

        Assert.Equal(400, answer.Status);
        Assert.Equal(1, answer.Text.Split("HTTP/1.1 ").Length - 1);
        await Leftovers.AreAsync(before, server.Host);
    }

    /// <summary>One server for all of them: each must find it as the one before left it.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private int _people;

        internal TestHost Host { get; private set; } = null!;

        internal Tenant Tenant { get; private set; } = null!;

        internal Tenant Other { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Host = await TestHost.StartAsync();
            (Tenant, Other) = (await Tenant.CreateAsync(Host.Address), await Tenant.CreateAsync(Host.Address));
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();

        internal async Task StillEnrolsAsync()
        {
            var job = await Tenant.EnrolAsync(BatchBody.Of(($"person {_people++}", Assets.Lfw("Colin_Powell"))));
            Assert.Equal("enrolled", job["results"]![0]!["outcome"]!.GetValue<string>());
            await Eventually.TrueAsync(() => !Directory.Exists(Path.Combine(Host.Data, "blobs", job["job_id"]!.GetValue<string>()))); // it goes after the commit
        }
    }
}
