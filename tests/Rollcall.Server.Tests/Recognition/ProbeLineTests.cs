using System.Net;

namespace Rollcall.Server.Tests.Recognition;

/// <summary>How many photographs are held in memory for single requests, and by whom.</summary>
public sealed class ProbeLineTests
{
    private const int LargeOfOne = 8;
    private const int EnrolmentsOfOne = 16;

    [Fact]
    public async Task Large_photographs_take_several_places_one_organization_has_half_of_them_and_gives_them_back()
    {
        await using var host = await TestHost.StartAsync();
        var (tenant, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        var slow = await SlowAsync(LargeOfOne, tenant, "identify");

        await RefusesAsync(() => IdentifyAsync(tenant));
        using (var answer = await IdentifyAsync(other)) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        slow.AddRange(await SlowAsync(LargeOfOne, other, "identify"));
        var third = await Tenant.CreateAsync(host.Address);
        await RefusesAsync(() => IdentifyAsync(third));

        slow.ForEach(one => one.Dispose());
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await IdentifyAsync(tenant);
            return answer.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task One_organization_has_half_of_the_places_for_single_enrolments_and_gives_them_back()
    {
        await using var host = await TestHost.StartAsync();
        var (tenant, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        var slow = await SlowAsync(EnrolmentsOfOne, tenant, "faces");

        await RefusesAsync(() => EnrolAsync(tenant));
        using (var answer = await EnrolAsync(other)) Assert.Equal(HttpStatusCode.Created, answer.StatusCode);

        slow.ForEach(one => one.Dispose());
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await EnrolAsync(tenant);
            return answer.StatusCode == HttpStatusCode.Created;
        });
    }

    /// <summary>Large photographs that are being read and do not end.</summary>
    private static async Task<List<RawRequest>> SlowAsync(int count, Tenant tenant, string route)
    {
        var slow = new List<RawRequest>();
        for (var i = 0; i < count; i++)
        {
            slow.Add(await RawRequest.PostAsync(tenant, route, "Expect: 100-continue\r\nContent-Length: 9000000"));
            Assert.StartsWith("HTTP/1.1 100", await slow[^1].AnswerAsync(), StringComparison.Ordinal); // it has its places and is being read
            await slow[^1].SendAsync(RawRequest.ImagePart.Replace("images", "image", StringComparison.Ordinal));
            await slow[^1].SendAsync(new byte[100_000]); // enough not to be slow for minutes
        }

        return slow;
    }

    private static async Task RefusesAsync(Func<Task<HttpResponseMessage>> send)
    {
        using var refused = await send();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("SERVICE_BUSY", await refused.ErrorCodeAsync());
        Assert.NotNull(refused.Headers.RetryAfter);
    }

    private static async Task<HttpResponseMessage> IdentifyAsync(Tenant tenant)
    {
        using var form = new MultipartFormDataContent { { await PhotographAsync(), "image", "a.jpg" } };
        return await tenant.Key.PostAsync($"/api/v1/collections/{tenant.Collection}/identify", form);
    }

    private static async Task<HttpResponseMessage> EnrolAsync(Tenant tenant)
    {
        using var form = new MultipartFormDataContent { { await PhotographAsync(), "image", "a.jpg" }, { new StringContent("somebody"), "external_id" } };
        return await tenant.Key.PostAsync($"/api/v1/collections/{tenant.Collection}/faces", form);
    }

    private static async Task<ByteArrayContent> PhotographAsync() => new(await File.ReadAllBytesAsync(Assets.Lfw("Colin_Powell")));
}
