using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Rollcall.Server.Tests.OpenApi;
using Rollcall.Server.Tests.Organizations;
using Rollcall.Server.Tests.Recognition;

namespace Rollcall.Server.Tests.Audit;

public sealed class AuditRouteTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private TestHost Host => shared.Host;

    [Fact]
    public async Task It_is_listed_newest_first_page_by_page_and_a_page_stays_put_while_it_grows()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        for (var i = 0; i < 5; i++) await tenant.CreateCollectionAsync();

        var (numbers, cursor) = (new List<long>(), "");
        do
        {
            var page = await tenant.Bearer.GetAsync(tenant.AuditLog($"?limit=4{cursor}")).DataAsync(HttpStatusCode.OK);
            numbers.AddRange(page["entries"]!.AsArray().Select(entry => entry!["number"]!.GetValue<long>()));
            cursor = page["next_cursor"] is { } next ? $"&cursor={next}" : "";
            await tenant.CreateCollectionAsync();
        }
        while (cursor.Length > 0);

        Assert.Equal([9, 8, 7, 6, 5, 4, 3, 2, 1], numbers);
    }

    [Fact]
    public async Task It_is_filtered_by_what_was_done_by_whom_to_what_and_when()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        var second = await tenant.CreateCollectionAsync();
        var owner = (await Colleague.OfOwnerAsync(tenant)).Id;

        Assert.Equal(["collection.created", "collection.created"], await tenant.ActionsAsync("&action=collection.created"));
        Assert.Equal(["collection.created"], await tenant.ActionsAsync($"&target={second}"));
        Assert.Equal(["key.created", "account.login", "organization.created"], await tenant.ActionsAsync($"&actor={owner}"));
        Assert.Equal(["key.created"], await tenant.ActionsAsync($"&actor={owner}&action=key.created"));
        Assert.Empty(await tenant.ActionsAsync($"&actor={owner}&target={second}"));
        Assert.Empty(await tenant.ActionsAsync("&external_id=nobody"));

        var at = (await tenant.AuditAsync())[2]["at"]!.GetValue<string>();
        var moments = (await tenant.AuditAsync()).Select(entry => entry["at"]!.GetValue<string>()).ToList();
        Assert.Equal(moments.Count(moment => string.CompareOrdinal(moment, at) > 0), (await tenant.AuditAsync($"&after={at}")).Count);
        Assert.Equal(moments.Count(moment => string.CompareOrdinal(moment, at) < 0), (await tenant.AuditAsync($"&before={at}")).Count);
    }

    [Theory]
    [InlineData("?action=face.deledet")]
    [InlineData("?after=yesterday")]
    [InlineData("?before=2026-01-01")]
    [InlineData("?external_id=")]
    [InlineData("?external_id=a&external_id=b")]
    [InlineData("?limit=0")]
    [InlineData("?cursor=x")]
    [InlineData("?cursor=b3JnXzE")] // one of another list
    [InlineData("/verify?head=1")]
    [InlineData("/verify?head=1:XY")]
    [InlineData("/export?from=0")]
    [InlineData("/export?from=first")]
    public async Task What_is_asked_wrongly_is_refused(string query)
    {
        await using var lab = await Lab.CreateAsync(Host);

        await lab.Tenant.Bearer.GetAsync(lab.Tenant.AuditLog(query)).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
    }

    [Fact]
    public async Task An_export_can_be_verified_by_its_text_alone_and_be_continued()
    {
        await using var lab = await Lab.CreateAsync(Host);
        var tenant = lab.Tenant;
        await tenant.EnrolAsync(BatchBody.Of(("anna", Assets.Lfw("Colin_Powell"))));

        using var answer = await tenant.Bearer.GetAsync(tenant.AuditLog("/export"));
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType!.MediaType);
        var lines = (await answer.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n');

        var hash = new byte[32];
        foreach (var line in lines)
        {
            var end = line.LastIndexOf(",\"hash\":\"", StringComparison.Ordinal);
            hash = SHA256.HashData([.. hash, .. Encoding.UTF8.GetBytes(line[..end] + "}")]);
            Assert.Equal($",\"hash\":\"{Convert.ToHexStringLower(hash)}\"}}", line[end..]);
        }

        var verdict = await tenant.VerifyAsync();
        Assert.Equal((lines.Length, Convert.ToHexStringLower(hash)), (verdict["head"]!["number"]!.GetValue<int>(), verdict["head"]!["hash"]!.GetValue<string>()));
        Assert.Equal((true, lines.Length, null, null), (verdict["valid"]!.GetValue<bool>(), verdict["entries"]!.GetValue<int>(), verdict["first_bad"], verdict["reason"]));
        var listed = await tenant.AuditAsync();
        Assert.Equal(listed.Reverse().Select(entry => entry.ToJsonString()), lines.Select(line => JsonNode.Parse(line)!.ToJsonString()));

        await tenant.CreateCollectionAsync();
        var more = await tenant.Bearer.GetStringAsync(tenant.AuditLog($"/export?from={(lines.Length + 1).ToString(CultureInfo.InvariantCulture)}"));
        Assert.Equal(lines.Length + 1, JsonNode.Parse(Assert.Single(more.TrimEnd('\n').Split('\n')))!["number"]!.GetValue<int>());
        Assert.Equal("", await tenant.Bearer.GetStringAsync(tenant.AuditLog($"/export?from={(lines.Length + 2).ToString(CultureInfo.InvariantCulture)}")));
    }
}
