using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Accounts;

namespace Rollcall.Server.Tests.Accounts;

public sealed class LoginThrottleTests : IAsyncDisposable
{
    private const string Right = "correct horse battery";
    private const string Wrong = "wrong horse battery";
    private const string Anna = "anna@example.com";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly WatchedHasher _hasher = new();
    private readonly WatchedLog _log = new(1211);
    private IPAddress _from = IPAddress.Parse("192.0.2.1");
    private TestHost _host = null!;

    public ValueTask DisposeAsync() => _host?.DisposeAsync() ?? default;

    [Fact]
    public async Task Who_guesses_is_told_to_wait_before_a_password_is_hashed_and_the_wait_ends()
    {
        await StartAsync();
        for (var i = 0; i < 10; i++) await FailsAsync(Anna);
        var hashed = _hasher.Verified;

        using (var refused = await LoginAsync(Anna, Right))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("RATE_LIMIT_EXCEEDED", await refused.ErrorCodeAsync());
            Assert.Equal(TimeSpan.FromSeconds(60), refused.Headers.RetryAfter!.Delta);
        }

        Assert.Equal(hashed, _hasher.Verified);
        _time.Advance(TimeSpan.FromSeconds(59));
        await RefusedAsync(Anna, Right);
        _time.Advance(TimeSpan.FromSeconds(1));
        await SucceedsAsync(Anna);
    }

    [Fact]
    public async Task An_account_that_is_not_there_answers_byte_for_byte_as_one_that_is_and_costs_the_same_hashes()
    {
        await StartAsync();

        var (known, unknown) = (await AnswersToAsync(Anna), await AnswersToAsync("nobody@example.com"));

        Assert.Equal(known.Answers, unknown.Answers);
        Assert.Equal((10, 10), (known.Hashes, unknown.Hashes));
        Assert.Contains("429", known.Answers[^1], StringComparison.Ordinal);

        async Task<(List<string> Answers, int Hashes)> AnswersToAsync(string email)
        {
            var other = new HashSet<string>(["X-Request-Id", "Date", "RateLimit"], StringComparer.OrdinalIgnoreCase); // in any two answers
            var before = _hasher.Verified;
            var answers = new List<string>();
            for (var i = 0; i < 12; i++)
            {
                using var answer = await LoginAsync(email, Wrong);
                var body = await answer.JsonAsync();
                foreach (var id in new[] { "request_id", "timestamp" }) Assert.True(body.Remove(id));
                var headers = answer.Headers.Concat(answer.Content.Headers)
                    .Where(header => !other.Contains(header.Key)).Select(header => $"{header.Key}: {string.Join(',', header.Value)}");
                answers.Add($"{(int)answer.StatusCode}\n{string.Join('\n', headers)}\n{body.ToJsonString()}");
            }

            return (answers, _hasher.Verified - before);
        }
    }

    [Fact]
    public async Task A_success_gives_the_account_its_attempts_back()
    {
        await StartAsync();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 9; i++) await FailsAsync(Anna);
            await SucceedsAsync(" ANNA@Example.com");
        }
    }

    [Fact]
    public async Task A_success_gives_the_address_nothing_back()
    {
        await StartAsync("--Accounts:Throttle:Address:Attempts=6");
        for (var i = 0; i < 3; i++)
        {
            await FailsAsync($"other{i}@example.com");
            await SucceedsAsync(Anna);
        }

        await RefusedAsync(Anna, Right);
        _from = IPAddress.Parse("192.0.2.2");
        await SucceedsAsync(Anna);
    }

    [Fact]
    public async Task One_account_is_not_guessed_at_from_everywhere_and_its_owner_still_gets_in_from_where_he_was_before()
    {
        await StartAsync("--Accounts:Throttle:Account:Attempts=5");
        var home = _from;
        await SucceedsAsync(Anna);

        for (var i = 1; i <= 5; i++)
        {
            _from = IPAddress.Parse($"198.51.100.{i}");
            await FailsAsync(Anna);
        }

        _from = IPAddress.Parse("198.51.100.6");
        await RefusedAsync(Anna, Wrong);
        await FailsAsync("bert@example.com");

        _from = home;
        for (var i = 0; i < 9; i++) await FailsAsync(Anna);
        await SucceedsAsync(Anna);
    }

    [Fact]
    public async Task An_owner_who_comes_from_a_new_address_waits_for_one_interval_and_not_for_ever()
    {
        await StartAsync("--Accounts:Throttle:Account:Attempts=5");
        for (var i = 1; i <= 5; i++)
        {
            _from = IPAddress.Parse($"198.51.100.{i}");
            await FailsAsync(Anna);
        }

        _from = IPAddress.Parse("203.0.113.7");
        await RefusedAsync(Anna, Right);
        _time.Advance(TimeSpan.FromSeconds(36));
        await SucceedsAsync(Anna);
    }

    [Fact]
    public async Task Who_is_held_back_is_in_the_log_once_in_a_while_by_address_and_without_the_account()
    {
        await StartAsync("--Accounts:Throttle:Account:Attempts=12");
        for (var i = 0; i < 10; i++) await FailsAsync(Anna);
        Assert.Empty(_log.Lines);

        for (var i = 0; i < 3; i++) await RefusedAsync(Anna, Wrong);
        Assert.Equal("Logins from 192.0.2.1 are held back: too many attempts, counted for an account from the address.", Assert.Single(_log.Lines));

        _from = IPAddress.Parse("192.0.2.2");
        for (var i = 0; i < 2; i++) await FailsAsync(Anna);
        for (var i = 0; i < 3; i++) await RefusedAsync(Anna, Wrong);
        Assert.Equal("Logins from 192.0.2.2 are held back: too many attempts, counted for an account from everywhere.", Assert.Single(_log.Lines.Skip(1)));

        _from = IPAddress.Parse("192.0.2.1");
        _time.Advance(TimeSpan.FromMinutes(10));
        for (var i = 0; i < 10; i++) await FailsAsync(Anna);
        await RefusedAsync(Anna, Wrong);
        Assert.Contains("192.0.2.1", _log.Lines[2], StringComparison.Ordinal);
        Assert.All(_log.Lines, line => Assert.DoesNotContain("anna", line, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Who_tries_one_account_after_the_other_is_in_the_log()
    {
        await StartAsync("--Accounts:Throttle:Address:Attempts=2");
        for (var i = 0; i < 2; i++) await FailsAsync($"other{i}@example.com");

        for (var i = 2; i < 9; i++) await RefusedAsync($"other{i}@example.com", Wrong);

        Assert.Equal("Logins from 192.0.2.1 are held back: too many attempts, counted for the address.", Assert.Single(_log.Lines));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::1", true)] // one subscriber
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    public async Task An_address_is_what_one_caller_has(string first, string second, bool same)
    {
        await StartAsync("--Accounts:Throttle:Address:Attempts=1");
        _from = IPAddress.Parse(first);
        await FailsAsync(Anna);

        _from = IPAddress.Parse(second);
        if (same) await RefusedAsync("bert@example.com", Wrong);
        else await FailsAsync("bert@example.com");
    }

    [Fact]
    public async Task The_address_of_the_callers_proxy_is_not_the_callers()
    {
        _from = IPAddress.Parse("10.0.0.2");
        await StartAsync("--Accounts:Throttle:Address:Attempts=1", "--Hosting:TrustedProxies:0=10.0.0.2");

        Assert.Equal(
            [HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests],
            new[] { await FromAsync("192.0.2.7"), await FromAsync("192.0.2.8"), await FromAsync("192.0.2.7") });

        async Task<HttpStatusCode> FromAsync(string address)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/login") { Content = JsonContent.Create(Body(Anna, Wrong)) };
            request.Headers.Add("X-Forwarded-For", address);
            return (await _host.Http.SendAsync(request)).StatusCode;
        }
    }

    [Fact]
    public async Task Registrations_and_refreshes_of_an_address_are_limited_too()
    {
        await StartAsync("--Accounts:Throttle:Registration:Attempts=2", "--Accounts:Throttle:Refresh:Attempts=2");

        Assert.Equal((201, 409, 429), (await RegisterAsync("bert@example.com"), await RegisterAsync("bert@example.com"), await RegisterAsync("carl@example.com")));
        Assert.Equal((401, 401, 429), (await RefreshAsync(), await RefreshAsync(), await RefreshAsync()));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((201, 401), (await RegisterAsync("carl@example.com"), await RefreshAsync()));

        async Task<int> RefreshAsync()
        {
            using var answer = await _host.Http.PostAsJsonAsync("/api/v1/auth/refresh", new JsonObject { ["refresh_token"] = "rc_refresh_0" });
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_flood_of_made_up_accounts_takes_no_more_memory_than_it_may_and_does_not_hide_who_is_guessed_at()
    {
        await StartAsync("--Accounts:Throttle:MostEntries=1000");
        var throttle = _host.Get<LoginThrottle>();
        for (var i = 0; i < 10; i++) Assert.False(throttle.AdmitLogin(Anna, _from).IsRefused(out _, out _));

        for (var i = 0; i < 20_000; i++)
            Assert.False(throttle.AdmitLogin($"{i}@example.com", new IPAddress([10, 1, (byte)(i >> 8), (byte)i])).IsRefused(out _, out _));

        Assert.InRange(throttle.Entries, 1, 6 * 1000);
        Assert.True(throttle.AdmitLogin(Anna, _from).IsRefused(out var problem, out _));
        Assert.Equal("RATE_LIMIT_EXCEEDED", problem.Code);
    }

    [Fact]
    public async Task A_flood_of_logins_hashes_a_few_at_a_time_and_leaves_the_rest_of_the_api_alone()
    {
        await StartAsync("--Accounts:HashConcurrency=1");
        var tenant = await Tenant.CreateAsync(_host.Address);
        var released = new TaskCompletionSource();
        _hasher.Released = released.Task;

        // One is hashed, sixteen wait, and the one that is too many is told at once.
        var logins = Enumerable.Range(0, 18).Select(i => LoginAsync($"{i}@example.com", Wrong)).ToList();
        var first = await Task.WhenAny(logins);
        using (var busy = await first)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, busy.StatusCode);
            Assert.Equal("SERVICE_BUSY", await busy.ErrorCodeAsync());
            Assert.Equal(TimeSpan.FromSeconds(2), busy.Headers.RetryAfter!.Delta);
        }

        Assert.Equal(HttpStatusCode.OK, (await tenant.Key.GetAsync("/api/v1/collections")).StatusCode);
        Assert.Equal(1, _hasher.Running);
        released.SetResult();
        logins.Remove(first);
        Assert.All(await Task.WhenAll(logins), answer => Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode));
        Assert.Equal(1, _hasher.MostRunning);
    }

    [Fact]
    public async Task A_login_that_found_no_place_in_the_line_was_no_attempt()
    {
        await StartAsync("--Accounts:Throttle:Account:Attempts=1");
        var throttle = _host.Get<LoginThrottle>();

        for (var i = 0; i < 100; i++)
        {
            Assert.False(throttle.AdmitLogin(Anna, _from).IsRefused(out _, out var attempt));
            throttle.NotMade(attempt);
        }

        await SucceedsAsync(Anna);
    }

    [Theory]
    [InlineData("--Accounts:Throttle:Address:Attempts=0")]
    [InlineData("--Accounts:Throttle:MostEntries=10")]
    [InlineData("--Accounts:HashConcurrency=-1")]
    public async Task A_limit_that_cannot_be_stops_the_start(string arg) =>
        await Assert.ThrowsAsync<OptionsValidationException>(() => TestHost.StartAsync(args: arg));

    private async Task StartAsync(params string[] args)
    {
        _host = await TestHost.StartAsync(
            _time,
            customize: builder =>
            {
                _hasher.Use(builder);
                Elsewhere.Comes(builder, () => _from);
                builder.Logging.AddProvider(_log);
            },
            args: args);
        var from = _from;
        _from = IPAddress.Parse("203.0.113.250");
        Assert.Equal(201, await RegisterAsync(Anna));
        _from = from;
    }

    private async Task<int> RegisterAsync(string email)
    {
        using var answer = await _host.Http.PostAsJsonAsync(
            "/api/v1/auth/register", new JsonObject { ["email"] = email, ["password"] = Right, ["organization_name"] = "Example" });
        return (int)answer.StatusCode;
    }

    private static JsonObject Body(string email, string password) => new() { ["email"] = email, ["password"] = password };

    private Task<HttpResponseMessage> LoginAsync(string email, string password) => _host.Http.PostAsJsonAsync("/api/v1/auth/login", Body(email, password));

    private Task SucceedsAsync(string email) => AnswersAsync(HttpStatusCode.OK, email, Right);

    private Task FailsAsync(string email) => AnswersAsync(HttpStatusCode.Unauthorized, email, Wrong);

    private Task RefusedAsync(string email, string password) => AnswersAsync(HttpStatusCode.TooManyRequests, email, password);

    private async Task AnswersAsync(HttpStatusCode expected, string email, string password)
    {
        using var answer = await LoginAsync(email, password);
        Assert.Equal(expected, answer.StatusCode);
    }
}
