using System.Net;
using Rollcall.Server.Tests.Recognition;

namespace Rollcall.Server.Tests.OpenApi;

/// <summary>What the contract names and this version lacks is refused wherever a caller may put it, and never ignored.</summary>
public sealed class NotYetTests(SharedHost shared) : IClassFixture<SharedHost>
{
    [Theory]
    [InlineData("faces", "dry_run", "true")]
    public async Task A_part_of_a_form(string route, string name, string value)
    {
        await using var lab = await Lab.CreateAsync(shared.Host);
        var before = await lab.Tenant.GetAsync($"{lab.InCollection}");

        await SendAsync(lab, route, (name, value)).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");

        // The same in the query string, where it would be ignored and the opposite of what was meant be done.
        await SendAsync(lab, $"{route}?{name}={value}").RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        Assert.Equal(before.ToJsonString(), (await lab.Tenant.GetAsync($"{lab.InCollection}")).ToJsonString());
        Assert.Empty((await lab.Tenant.GetAsync($"{lab.InOrganization}/batch"))["jobs"]!.AsArray());
    }

    [Theory]
    [InlineData("GET", "webhooks", HttpStatusCode.NotFound)]
    [InlineData("POST", "webhooks", HttpStatusCode.NotFound)]
    [InlineData("GET", "usage", HttpStatusCode.NotFound)]
    public async Task A_route(string method, string path, HttpStatusCode status)
    {
        await using var lab = await Lab.CreateAsync(shared.Host);
        var job = "00000000-0000-7000-8000-000000000000";

        using var request = new HttpRequestMessage(new HttpMethod(method), $"{lab.InOrganization}/{path.Replace("{job}", job, StringComparison.Ordinal)}");
        await lab.Tenant.Bearer.SendAsync(request).RefusedAsync(status, status == HttpStatusCode.NotFound ? "NOT_FOUND" : "INVALID_REQUEST");
    }

    [Fact]
    public async Task A_part_of_a_form_in_the_query_string_is_refused_whatever_it_says_and_other_parameters_are_ignored()
    {
        await using var lab = await Lab.CreateAsync(shared.Host);

        await SendAsync(lab, "identify?top_k=5").RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        await SendAsync(lab, "faces?on_duplicate=skip").RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        await SendAsync(lab, "faces/batch-async?dry_run=true").RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        await SendAsync(lab, "faces/batch?dry_run=true").RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        using var traced = await SendAsync(lab, "identify?utm_source=mail");
        Assert.Equal(HttpStatusCode.OK, traced.StatusCode);
    }

    private static Task<HttpResponseMessage> SendAsync(Lab lab, string route, params (string Name, string Value)[] fields)
    {
        var isBatch = route.Contains("batch", StringComparison.Ordinal);
        (string, string)[] person = route.StartsWith("identify", StringComparison.Ordinal) ? [] : [(isBatch ? "external_ids[]" : "external_id", "p")];
        return lab.Tenant.Key.SendAsync(
            $"collections/{lab.Tenant.Collection}/{route}", [(isBatch ? "images" : "image", File.ReadAllBytes(Assets.Lfw("Colin_Powell")))], [.. person, .. fields]);
    }
}
