using System.Net;
using System.Net.Http.Headers;
using Rollcall.Cli.Enrol;
using Rollcall.Cli.People;
using Rollcall.Client;

namespace Rollcall.Cli.Tests.People;

public sealed class FaceListsTests
{
    [Fact]
    public async Task A_busy_server_is_waited_for_in_the_middle_of_a_list()
    {
        using var busy = new Busy();
        using var http = new HttpClient(busy) { BaseAddress = new("http://server") };
        var client = new RollcallClient(http, new RollcallClientOptions { Credential = RollcallCredential.FromApiKey("rc_live_x") });
        List<string> told = [];

        var faces = FaceLists.AllAsync(client, "col_x", new Patience(TimeProvider.System, TimeSpan.FromMinutes(1), told.Add), TestContext.Current.CancellationToken);

        Assert.Equal(0, await faces.CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal((3, 1), (busy.Requests, told.Count));
    }

    private sealed class Busy : HttpMessageHandler
    {
        public int Requests { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (status, body) = ++Requests switch
            {
                1 => (HttpStatusCode.OK, """{"success": true, "data": {"faces": [], "next_cursor": "next"}}"""),
                2 => (HttpStatusCode.ServiceUnavailable, """{"success": false, "error": {"code": "SERVICE_BUSY", "message": "busy"}, "request_id": "r", "timestamp": "2026-01-01T00:00:00Z"}"""),
                _ => (HttpStatusCode.OK, """{"success": true, "data": {"faces": [], "next_cursor": null}}"""),
            };
            var response = new HttpResponseMessage(status) { Content = new StringContent(body, new MediaTypeHeaderValue("application/json")) };
            response.Headers.RetryAfter = new(TimeSpan.Zero);
            return Task.FromResult(response);
        }
    }
}
