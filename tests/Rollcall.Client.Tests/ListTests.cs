using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests;

/// <summary>Lists that are read to their end, page by page.</summary>
public sealed class ListTests : IDisposable
{
    private readonly FakeServer _server = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_list_goes_on_to_its_last_page_with_its_filters()
    {
        const string Member = """{"user_id": "user_1", "email": "a@example.org", "role": "viewer", "joined_at": "2026-03-04T12:00:00Z"}""";
        var key = Samples.CreatedKey.Replace(", \"api_key\": \"rc_live_abc\"", "", StringComparison.Ordinal);
        var client = _server.Client();

        await AssertPagesAsync(client.EnumerateCollectionsAsync(Cancelled), "collections", Samples.Collection, "collections?limit=200");
        await AssertPagesAsync(client.EnumerateFacesAsync("col_1", cancellationToken: Cancelled), "faces", Samples.Face, "collections/col_1/faces?limit=200");
        await AssertPagesAsync(client.EnumerateFacesAsync("col_1", "é", Cancelled), "faces", Samples.Face, "collections/col_1/faces?external_id=%C3%A9&limit=200");
        await AssertPagesAsync(
            client.EnumerateBatchesAsync("org_1", new() { Status = JobStatus.Done }, Cancelled), "jobs", Samples.Job("done"), "organizations/org_1/batch?status=done&limit=200");
        await AssertPagesAsync(client.EnumerateApiKeysAsync("org_1", Cancelled), "api_keys", key, "organizations/org_1/api-keys?limit=200");
        await AssertPagesAsync(client.EnumerateMembersAsync("org_1", Cancelled), "members", Member, "organizations/org_1/members?limit=200");
        await AssertPagesAsync(
            client.EnumerateAuditLogAsync("org_1", new() { Action = "key.created" }, Cancelled), "entries", Samples.Entry, "organizations/org_1/audit-log?action=key.created&limit=200");
    }

    [Fact]
    public async Task A_page_is_asked_for_when_it_is_needed()
    {
        _server.Answer(Page("faces", Samples.Face, "c")).Answer(Page("faces", Samples.Face, null));

        await foreach (var _ in _server.Client().EnumerateFacesAsync("col_1", cancellationToken: Cancelled)) break;

        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_server_that_names_a_page_twice_is_not_followed_round_and_round()
    {
        _server.Answer(Page("faces", Samples.Face, "a")).Answer(Page("faces", Samples.Face, "b")).Answer(Page("faces", Samples.Face, "a"));
        var read = 0;

        var exception = await Assert.ThrowsAsync<RollcallException>(async () =>
        {
            await foreach (var _ in _server.Client().EnumerateFacesAsync("col_1", cancellationToken: Cancelled)) read++;
        });

        Assert.Equal((RollcallException.UnexpectedAnswer, 3, 3), (exception.Code, read, _server.Requests.Count));
    }

    [Fact]
    public async Task It_ends_when_the_reader_has_enough_also_by_a_token_of_the_loops_own()
    {
        _server.Answer(Page("faces", Samples.Face, "c"));
        using var enough = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in _server.Client().EnumerateFacesAsync("col_1").WithCancellation(enough.Token)) await enough.CancelAsync();
        });

        Assert.Single(_server.Requests);
    }

    [Fact]
    public void A_wrong_id_is_told_before_anything_is_read() =>
        Assert.Throws<ArgumentException>(() => _server.Client().EnumerateFacesAsync("..", cancellationToken: Cancelled));

    public void Dispose() => _server.Dispose();

    private static string Page(string name, string item, string? cursor) =>
        $$"""{"{{name}}": [{{item}}], "invitations": [], "next_cursor": {{(cursor is null ? "null" : $"\"{cursor}\"")}}}""";

    private async Task AssertPagesAsync<T>(IAsyncEnumerable<T> list, string name, string item, string route)
    {
        _server.Requests.Clear();
        _server.Answer(Page(name, item, "a+b")).Answer(Page(name, item, "c")).Answer(Page(name, item, null));

        Assert.Equal(3, await list.CountAsync(Cancelled));

        route = $"GET http://rollcall.example/api/v1/{route}";
        Assert.Equal([route, $"{route}&cursor=a%2Bb", $"{route}&cursor=c"], _server.Requests.Select(request => request.Line));
    }
}
