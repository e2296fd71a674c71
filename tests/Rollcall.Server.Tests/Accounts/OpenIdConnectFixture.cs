using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Accounts;

/// <summary>A server that takes the tokens of an issuer, and what the tests ask of it.</summary>
public abstract class OpenIdConnectFixture : IAsyncLifetime
{
    private TestHost? _host;

    private protected WallClock Time { get; } = new();

    private protected TestIssuer Provider { get; private set; } = null!;

    private protected WatchedLog? Log { get; set; }

    private protected TestHost Host => _host!;

    public async ValueTask InitializeAsync() => Provider = await TestIssuer.StartAsync(Time);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null) await _host.DisposeAsync();
        await Provider.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task StartAsync(string? data = null, params string[] args) => _host = await TestHost.StartAsync(
        Time,
        data,
        builder =>
        {
            if (Log is not null) builder.Logging.AddProvider(Log);
        },
        args: [.. Provider.Settings, .. args]);

    private protected async Task StartWithoutIssuerAsync() => _host = await TestHost.StartAsync(Time);

    private protected HttpClient ClientOf(string token) => Host.ClientWith("Authorization", $"Bearer {token}");

    private protected async Task<JsonObject> MeAsync(string token)
    {
        using var client = ClientOf(token);
        using var answer = await client.GetAsync("/api/v1/me");
        var body = await answer.JsonAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, body.ToJsonString());
        return body["data"]!.AsObject();
    }

    private protected async Task RefusedAsync(string token, HttpStatusCode status, string code, string path = "me")
    {
        using var client = ClientOf(token);
        using var answer = await client.GetAsync($"/api/v1/{path}");
        Assert.Equal((status, code), (answer.StatusCode, await answer.ErrorCodeAsync()));
    }

    private protected static string[] GrantOf(int index, string claim, string value, string organization, string role)
    {
        var grant = $"--Accounts:OpenIdConnect:Grants:{index}";
        return [$"{grant}:Claim={claim}", $"{grant}:Value={value}", $"{grant}:Organization={organization}", $"{grant}:Role={role}"];
    }

    private protected Task ExecuteAsync(string sql, object parameters) =>
        Host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, parameters, tx), CancellationToken.None);

    private protected Task<long> CountAsync(string sql) =>
        Host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>(sql, null, tx), CancellationToken.None);

    /// <summary>A clock on the wall that can be set back while time goes on.</summary>
    internal sealed class WallClock() : FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56))
    {
        public TimeSpan SetBackBy { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - SetBackBy;

        public override long GetTimestamp() => base.GetUtcNow().Ticks;
    }
}
