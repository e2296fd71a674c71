using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Cli.Enrol;
using Rollcall.Cli.Jobs;
using Rollcall.Client;

namespace Rollcall.Cli.Tests.Jobs;

public sealed class JobFollowerTests
{
    /// <summary>The client waits for a busy server as long as it says so, and would wait for ever.</summary>
    [Fact(Timeout = 60_000)]
    public async Task A_server_that_is_busy_for_good_is_given_up_in_the_time_that_the_user_gave()
    {
        var time = new FakeTimeProvider();
        using var http = new HttpClient(new Busy()) { BaseAddress = new("http://server") };
        var client = new RollcallClient(http, new RollcallClientOptions { Credential = RollcallCredential.FromApiKey("rc_live_x"), TimeProvider = time });
        var board = new RunBoard(time, 1, 0);

        var following = new JobFollower(client, new Patience(time, TimeSpan.FromMinutes(5), board.Note), board)
            .FollowAsync(BatchAddress.InCollection("col_x", "j"), TestContext.Current.CancellationToken);
        while (!following.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(ExitCode.Unreachable, (await Assert.ThrowsAsync<CommandException>(() => following)).ExitCode);
    }

    private sealed class Busy : HttpMessageHandler
    {
        private const string Body = """{"success": false, "error": {"code": "SERVICE_BUSY", "message": "busy"}, "request_id": "r", "timestamp": "2026-01-01T00:00:00Z"}""";

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StringContent(Body, new MediaTypeHeaderValue("application/json")) };
            response.Headers.RetryAfter = new(TimeSpan.FromSeconds(2));
            return Task.FromResult(response);
        }
    }
}
