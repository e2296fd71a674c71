namespace Rollcall.Client.Tests;

public sealed class CredentialTests : IDisposable
{
    private readonly FakeServer _server = new FakeServer().Answer(Samples.Collection).Answer(Samples.Collection);

    [Fact]
    public async Task A_program_sends_its_key_and_nothing_else()
    {
        await GetTwiceAsync(new() { Credential = RollcallCredential.FromApiKey("rc_live_1") });

        Assert.All(_server.Requests, request => Assert.Equal("rc_live_1", request.Headers["X-API-Key"]));
        Assert.All(_server.Requests, request => Assert.DoesNotContain("Authorization", request.Headers.Keys));
    }

    [Fact]
    public async Task A_person_sends_a_token_and_names_the_organization()
    {
        await GetTwiceAsync(new() { Credential = RollcallCredential.FromToken("jwt"), OrganizationId = "org_1" });

        Assert.All(_server.Requests, request => Assert.Equal("Bearer jwt", request.Headers["Authorization"]));
        Assert.All(_server.Requests, request => Assert.Equal("org_1", request.Headers["X-Organization-Id"]));
        Assert.All(_server.Requests, request => Assert.DoesNotContain("X-API-Key", request.Headers.Keys));
    }

    [Fact]
    public async Task A_provider_is_asked_before_each_request()
    {
        var given = 0;
        await GetTwiceAsync(new() { Credential = RollcallCredential.FromTokenProvider(_ => ValueTask.FromResult($"jwt{++given}")) });

        Assert.Equal(["Bearer jwt1", "Bearer jwt2"], _server.Requests.Select(request => request.Headers["Authorization"]));
    }

    [Fact]
    public async Task Without_a_credential_none_is_sent()
    {
        await GetTwiceAsync(new());

        Assert.All(_server.Requests, request => Assert.Empty(request.Headers));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void An_empty_secret_is_a_mistake_at_once(string secret)
    {
        Assert.Throws<ArgumentException>(() => RollcallCredential.FromApiKey(secret));
        Assert.Throws<ArgumentException>(() => RollcallCredential.FromToken(secret));
    }

    public void Dispose() => _server.Dispose();

    private async Task GetTwiceAsync(RollcallClientOptions options)
    {
        var client = _server.Client(options);
        await client.GetCollectionAsync("col_1", TestContext.Current.CancellationToken);
        await client.GetCollectionAsync("col_1", TestContext.Current.CancellationToken);
    }
}
