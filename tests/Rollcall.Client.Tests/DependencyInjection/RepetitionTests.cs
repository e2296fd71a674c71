using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests.DependencyInjection;

/// <summary>What the client of an application sends again, and at which pace.</summary>
public sealed class RepetitionTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable, ErrorCodes.ServiceBusy)]
    [InlineData(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimitExceeded)]
    [InlineData(HttpStatusCode.Conflict, ErrorCodes.IdempotencyKeyInUse)]
    [InlineData(HttpStatusCode.ServiceUnavailable, null)]
    [InlineData(HttpStatusCode.BadGateway, null)]
    [InlineData(HttpStatusCode.GatewayTimeout, null)]
    public async Task What_may_pass_is_waited_for_as_long_as_the_server_asks(HttpStatusCode status, string? code)
    {
        var server = new Flaky(Samples.Collection).Fails(status, code, retryAfter: 7).Fails(status, code);
        using var service = new Service(server);

        Assert.Equal("col_1", (await service.Client.GetCollectionAsync("col_1", Cancelled)).Id);

        Assert.Equal(3, server.Asked.Count);
        Assert.InRange(service.Time.Waits[0].TotalSeconds, 7, 8.75);
        Assert.InRange(service.Time.Waits[1].TotalSeconds, 0, 10);
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, ErrorCodes.QuotaExceeded, 60)]
    [InlineData(HttpStatusCode.TooManyRequests, ErrorCodes.RateLimitExceeded, 61)] // Longer than anybody is made to wait.
    [InlineData(HttpStatusCode.InternalServerError, "INTERNAL_ERROR", null)]
    [InlineData(HttpStatusCode.NotFound, ErrorCodes.CollectionNotFound, null)]
    [InlineData(HttpStatusCode.Conflict, ErrorCodes.ModelMismatch, null)]
    [InlineData(HttpStatusCode.UnprocessableEntity, ErrorCodes.IdempotencyKeyReused, null)]
    [InlineData(HttpStatusCode.Unauthorized, ErrorCodes.TokenExpired, null)]
    public async Task What_will_not_pass_is_told_at_once(HttpStatusCode status, string code, int? retryAfter)
    {
        var server = new Flaky(Samples.Collection).Fails(status, code, retryAfter);
        using var service = new Service(server);

        var refused = await Assert.ThrowsAsync<RollcallException>(() => service.Client.GetCollectionAsync("col_1", Cancelled));

        Assert.Equal((code, status, "why"), (refused.Code, refused.Status, refused.Message));
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task A_job_that_is_accepted_and_takes_long_is_not_submitted_again()
    {
        const string Late = """{"success": false, "error": {"code": "SERVICE_BUSY", "message": "m", "details": {"job_id": "j"}}, "request_id": "r", "timestamp": "2026-03-04T12:00:00Z"}""";
        var server = new Flaky(Samples.Job("done")).Fails(HttpStatusCode.ServiceUnavailable, retryAfter: 10, body: Late);
        using var service = new Service(server);

        var refused = await Assert.ThrowsAsync<RollcallException>(
            () => service.Client.EnrolBatchAsync("col_1", [new("1", ImageFile.FromBytes("a", [1]))], new() { IdempotencyKey = "k" }, Cancelled));

        Assert.Equal("j", (string?)refused.Details!["job_id"]);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task A_line_that_fails_is_tried_four_times_more_with_longer_pauses()
    {
        var server = new Flaky(Samples.Collection);
        for (var i = 0; i < 5; i++) server.Fails(new HttpRequestException("Nobody there.", new SocketException((int)SocketError.ConnectionRefused)));
        using var service = new Service(server);

        await Assert.ThrowsAsync<HttpRequestException>(() => service.Client.GetCollectionAsync("col_1", Cancelled));

        Assert.Equal(5, server.Asked.Count);
        Assert.Equal(4, service.Time.Waits.Count);
        Assert.All(service.Time.Waits, wait => Assert.InRange(wait.TotalSeconds, 0, 60));

        Assert.Equal("col_1", (await service.Client.GetCollectionAsync("col_1", Cancelled)).Id);
    }

    [Fact]
    public async Task What_is_not_the_lines_fault_is_told_at_once()
    {
        Exception[] failures =
        [
            new HttpRequestException(HttpRequestError.SecureConnectionError, "No.", new AuthenticationException("The certificate is somebody else's.")),
            new HttpRequestException("Error while copying content to a stream.", new FileNotFoundException("The photograph has gone.")),
            new HttpRequestException("Sent 3 request content bytes, but Content-Length promised 4."),
        ];
        foreach (var failure in failures)
        {
            var server = new Flaky(Samples.Collection).Fails(failure);
            using var service = new Service(server);
            Assert.Same(failure, await Assert.ThrowsAsync<HttpRequestException>(() => service.Client.GetCollectionAsync("col_1", Cancelled)));
            Assert.Single(server.Asked);
        }
    }

    [Fact]
    public async Task An_upload_under_a_key_is_sent_again_whole_and_one_without_is_not()
    {
        var watch = new ImageWatch();
        var server = new Flaky(Samples.Accepted).Fails(new HttpRequestException(HttpRequestError.ResponseEnded)).Fails(HttpStatusCode.ServiceUnavailable, ErrorCodes.ServiceBusy);
        using var service = new Service(server);
        BatchEntry[] people = [new("é", ImageFile.FromBytes("a.jpg", [1, 2, 3])) { Metadata = JsonElement.Parse("""{"a":1}""") }, .. watch.Entries(2, 100_000, known: false)];

        Assert.Equal("j", (await service.Client.SubmitBatchAsync("col_1", people, new() { IdempotencyKey = "k", MinQuality = 0.5 }, Cancelled)).JobId);

        Assert.Equal(3, server.Bodies.Count);
        Assert.InRange(server.Bodies[0].Length, 200_000, 210_000);
        Assert.Single(server.Bodies.Distinct());
        Assert.Equal((6, 0), (watch.Opened, watch.Open));

        server = new Flaky(Samples.Accepted).Fails(HttpStatusCode.ServiceUnavailable, ErrorCodes.ServiceBusy);
        using var other = new Service(server);
        await Assert.ThrowsAsync<RollcallException>(() => other.Client.SubmitBatchAsync("col_1", people, null, Cancelled));
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task A_question_about_an_image_is_asked_again()
    {
        var server = new Flaky(Samples.Identified).Fails(HttpStatusCode.ServiceUnavailable, ErrorCodes.ServiceBusy, retryAfter: 1);
        using var service = new Service(server);

        Assert.Empty((await service.Client.IdentifyAsync("col_1", ImageFile.FromBytes("a.jpg", [1, 2, 3]), cancellationToken: Cancelled)).Matches);

        Assert.Equal(2, server.Bodies.Count);
        Assert.Single(server.Bodies.Distinct());
    }

    [Fact]
    public async Task Whoever_wants_no_repetition_has_none()
    {
        var server = new Flaky(Samples.Collection).Fails(HttpStatusCode.ServiceUnavailable, ErrorCodes.ServiceBusy);
        using var service = new Service(server, setup => setup.Retries = 0);

        Assert.Equal(ErrorCodes.ServiceBusy, (await Assert.ThrowsAsync<RollcallException>(() => service.Client.GetCollectionAsync("col_1", Cancelled))).Code);
        Assert.Single(server.Asked);
    }
}
