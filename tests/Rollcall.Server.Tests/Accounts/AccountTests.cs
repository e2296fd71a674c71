using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Accounts;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Accounts;

public sealed class AccountTests
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task Who_registers_owns_the_organization_and_can_log_in()
    {
        await using var host = await TestHost.StartAsync();

        using var registered = await PostAsync(host, "register", Registration());
        Assert.Equal(HttpStatusCode.Created, registered.StatusCode);
        var data = await DataAsync(registered);
        Assert.Equal("anna@example.com", data["user"]!["email"]!.GetValue<string>());
        Assert.Equal("owner", data["organizations"]![0]!["role"]!.GetValue<string>());

        using var login = await PostAsync(host, "login", new JsonObject { ["email"] = " ANNA@example.com", ["password"] = Password });
        var tokens = await DataAsync(login);
        Assert.Equal("Bearer", tokens["token_type"]!.GetValue<string>());
        Assert.Equal(3600, tokens["expires_in"]!.GetValue<int>());
        using var client = host.ClientWith("Authorization", $"Bearer {tokens["access_token"]}");
        var me = await DataAsync(await client.GetAsync("/api/v1/me"));
        Assert.Equal(data["organization"]!["id"]!.GetValue<string>(), me["organizations"]![0]!["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_password_is_kept_as_a_hash_and_an_address_once()
    {
        await using var host = await TestHost.StartAsync();
        await PostAsync(host, "register", Registration());

        using var twice = await PostAsync(host, "register", Registration("Anna@Example.com"));

        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        Assert.Equal("ALREADY_EXISTS", await CodeAsync(twice));
        foreach (var file in Directory.EnumerateFiles(host.Data, "rollcall.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(Password, await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_get_the_same_answer()
    {
        await using var host = await TestHost.StartAsync();
        await PostAsync(host, "register", Registration());

        using var wrong = await PostAsync(host, "login", new JsonObject { ["email"] = "anna@example.com", ["password"] = "wrong horse" });
        using var unknown = await PostAsync(host, "login", new JsonObject { ["email"] = "nobody@example.com", ["password"] = "wrong horse" });

        foreach (var answer in new[] { wrong, unknown })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("INVALID_CREDENTIALS", await CodeAsync(answer));
        }
    }

    [Theory]
    [InlineData("no-address", Password, "Example")]
    [InlineData("a b@example.com", Password, "Example")]
    [InlineData("anna@example.com", "short", "Example")]
    [InlineData("anna@example.com", Password, " ")]
    public async Task A_registration_that_is_wrong_is_refused(string email, string password, string organization)
    {
        await using var host = await TestHost.StartAsync();

        using var answer = await PostAsync(host, "register", new JsonObject { ["email"] = email, ["password"] = password, ["organization_name"] = organization });

        Assert.Equal("INVALID_REQUEST", await CodeAsync(answer));
    }

    [Fact]
    public async Task Registration_can_be_switched_off()
    {
        await using var host = await TestHost.StartAsync(args: "--Accounts:AllowRegistration=false");

        using var answer = await PostAsync(host, "register", Registration());

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_refresh_token_is_used_once_and_its_reuse_ends_the_sign_in()
    {
        await using var host = await TestHost.StartAsync();
        var first = await DataAsync(await PostAsync(host, "register", Registration()));

        var second = await DataAsync(await RefreshAsync(host, first));
        using var working = host.ClientWith("Authorization", $"Bearer {second["access_token"]}");
        Assert.Equal(HttpStatusCode.OK, (await working.GetAsync("/api/v1/me")).StatusCode);

        Assert.Equal("TOKEN_INVALID", await CodeAsync(await RefreshAsync(host, first)));
        Assert.Equal("TOKEN_INVALID", await CodeAsync(await RefreshAsync(host, second)));
        Assert.Equal("TOKEN_INVALID", await CodeAsync(await working.GetAsync("/api/v1/me")));
    }

    [Fact]
    public async Task A_logout_ends_access_at_once()
    {
        await using var host = await TestHost.StartAsync();
        var tokens = await DataAsync(await PostAsync(host, "register", Registration()));
        using var client = host.ClientWith("Authorization", $"Bearer {tokens["access_token"]}");

        Assert.Equal(HttpStatusCode.NoContent, (await client.PostAsync("/api/v1/auth/logout", null)).StatusCode);

        Assert.Equal("TOKEN_INVALID", await CodeAsync(await client.GetAsync("/api/v1/me")));
        Assert.Equal("TOKEN_INVALID", await CodeAsync(await RefreshAsync(host, tokens)));
    }

    [Fact]
    public async Task A_logout_takes_the_refresh_token_as_well()
    {
        await using var host = await TestHost.StartAsync();
        var tokens = await DataAsync(await PostAsync(host, "register", Registration()));

        using var logout = await PostAsync(host, "logout", new JsonObject { ["refresh_token"] = tokens["refresh_token"]!.GetValue<string>() });

        Assert.Equal(HttpStatusCode.NoContent, logout.StatusCode);
        Assert.Equal("TOKEN_INVALID", await CodeAsync(await RefreshAsync(host, tokens)));
    }

    [Fact]
    public async Task An_access_token_lives_for_an_hour_and_survives_a_restart()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        using var data = new TestFolder();
        JsonObject tokens;
        await using (var before = await TestHost.StartAsync(time, data.Path)) tokens = await DataAsync(await PostAsync(before, "register", Registration()));

        await using var host = await TestHost.StartAsync(time, data.Path);
        using var client = host.ClientWith("Authorization", $"Bearer {tokens["access_token"]}");
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/me")).StatusCode);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("TOKEN_EXPIRED", await CodeAsync(await client.GetAsync("/api/v1/me")));
    }

    [Fact]
    public async Task A_sign_in_ends_after_thirty_days_and_is_forgotten()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var host = await TestHost.StartAsync(time);
        var tokens = await DataAsync(await PostAsync(host, "register", Registration()));

        time.Advance(TimeSpan.FromDays(30));

        Assert.Equal("TOKEN_INVALID", await CodeAsync(await RefreshAsync(host, tokens)));
        await host.Get<SessionRetention>().PurgeAsync(CancellationToken.None);
        Assert.Equal(0, await host.Get<Database>().ReadAsync(
            tx => tx.Connection!.ExecuteScalarAsync<long>("SELECT (SELECT COUNT(*) FROM session) + (SELECT COUNT(*) FROM refresh_token)", null, tx),
            CancellationToken.None));
    }

    private static JsonObject Registration(string email = "anna@example.com") =>
        new() { ["email"] = email, ["password"] = Password, ["organization_name"] = "Example" };

    private static Task<HttpResponseMessage> PostAsync(TestHost host, string route, JsonObject body) =>
        host.Http.PostAsJsonAsync($"/api/v1/auth/{route}", body);

    private static Task<HttpResponseMessage> RefreshAsync(TestHost host, JsonObject tokens) =>
        PostAsync(host, "refresh", new JsonObject { ["refresh_token"] = tokens["refresh_token"]!.GetValue<string>() });

    private static async Task<JsonObject> DataAsync(HttpResponseMessage response) => (await response.JsonAsync())["data"]!.AsObject();

    private static async Task<string> CodeAsync(HttpResponseMessage response) => (await response.JsonAsync())["error"]!["code"]!.GetValue<string>();
}
