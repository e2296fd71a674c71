using System.Net;
using System.Text;

namespace Rollcall.Server.Tests.Hosting;

public sealed class ErrorTests
{
    [Theory]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound, "NOT_FOUND")]
    [InlineData("GET", "/api/v1/nowhere", HttpStatusCode.NotFound, "NOT_FOUND")]
    [InlineData("GET", "/openapi/v2.json", HttpStatusCode.NotFound, "NOT_FOUND")]
    [InlineData("DELETE", "/api/v1/auth/login", HttpStatusCode.MethodNotAllowed, "INVALID_REQUEST")]
    [InlineData("POST", "/api/v1/auth/login", HttpStatusCode.BadRequest, "INVALID_REQUEST")]
    public async Task What_no_handler_answers_is_answered_in_the_envelope(string method, string path, HttpStatusCode status, string code)
    {
        await using var host = await TestHost.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST") request.Content = new StringContent("{", Encoding.UTF8, "application/json");

        using var answer = await host.Http.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        var body = await answer.JsonAsync();
        Assert.Equal(code, body["error"]!["code"]!.GetValue<string>());
        Assert.Equal(answer.Headers.GetValues("X-Request-Id").Single(), body["request_id"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("POST", "/api/v1/auth/login", "text/plain", HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")]
    [InlineData("POST", "/api/v1/auth/login", "application/json; charset=x", HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")]
    [InlineData("POST", "/api/v1/auth/register", "application/json", HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE")]
    public async Task A_body_of_the_wrong_kind_or_size_is_refused(string method, string path, string type, HttpStatusCode status, string code)
    {
        await using var host = await TestHost.StartAsync();
        host.Http.DefaultRequestHeaders.ExpectContinue = true;
        var text = status == HttpStatusCode.RequestEntityTooLarge ? new string(' ', 2 * 1024 * 1024) : "{}";
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(text) };
        request.Content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);

        using var answer = await host.Http.SendAsync(request);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(code, await answer.ErrorCodeAsync());
    }

    [Theory]
    [InlineData("""{"email": "a@b.c", "password": "x"}""", "organization_name")]
    [InlineData("""{"email": "a@b.c", "password": "x", "organization_name": "y", "colour": "blue"}""", "colour")]
    [InlineData("""{"email": 7, "password": "x", "organization_name": "y"}""", "$.email")]
    [InlineData("""nonsense""", "body")]
    public async Task A_json_body_that_is_wrong_is_told_where_and_in_no_words_of_ours(string body, string where)
    {
        await using var host = await TestHost.StartAsync();

        using var answer = await host.Http.PostAsync("/api/v1/auth/register", new StringContent(body, Encoding.UTF8, "application/json"));

        var message = (await answer.JsonAsync())["error"]!["message"]!.GetValue<string>();
        Assert.Contains(where, message, StringComparison.Ordinal);
        Assert.DoesNotContain("Rollcall.", message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_route_for_people_says_so_to_a_key()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var answer = await tenant.Key.GetAsync("/api/v1/me");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("INSUFFICIENT_SCOPE", await answer.ErrorCodeAsync());
    }

    [Theory]
    [InlineData("nightly-7", true)]
    [InlineData("a b", false)]
    [InlineData("<script>", false)]
    public async Task A_callers_own_request_id_is_kept_when_it_is_sane(string id, bool kept)
    {
        await using var host = await TestHost.StartAsync();
        host.Http.DefaultRequestHeaders.TryAddWithoutValidation("X-Request-Id", id);

        using var answer = await host.Http.GetAsync("/healthz");

        var given = answer.Headers.GetValues("X-Request-Id").Single();
        if (kept) Assert.Equal(id, given);
        else Assert.StartsWith("req_", given, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_and_readiness_and_the_reference_answer_without_credential()
    {
        await using var host = await TestHost.StartAsync();

        Assert.Equal("ok", (await (await host.Http.GetAsync("/healthz")).JsonAsync())["data"]!["status"]!.GetValue<string>());
        var readiness = (await (await host.Http.GetAsync("/readyz")).JsonAsync())["data"]!;
        Assert.Equal("standard", readiness["model"]!["id"]!.GetValue<string>());
        var ready = readiness["checks"]!.AsObject();
        Assert.Equal(["database", "storage", "model"], ready.Select(check => check.Key));
        Assert.All(ready, check => Assert.Equal("ok", check.Value!.GetValue<string>()));
        var document = await (await host.Http.GetAsync("/openapi/v1.json")).JsonAsync();
        Assert.NotNull(document["paths"]!["/api/v1/collections/{collection_id}/faces/batch-async"]!["post"]!["requestBody"]!["content"]!["multipart/form-data"]);
        Assert.Contains("replace_if_better", document["components"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("/api/v1/reference")).StatusCode);
    }

    [Fact]
    public async Task Without_its_storage_the_server_lives_and_is_not_ready()
    {
        await using var host = await TestHost.StartAsync();
        Directory.Delete(Path.Combine(host.Data, "blobs"));

        using var ready = await host.Http.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("failed", (await ready.JsonAsync())["error"]!["details"]!["storage"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("/healthz")).StatusCode);
    }
}
