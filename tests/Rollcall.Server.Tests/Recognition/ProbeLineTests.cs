using System.Net;

namespace Rollcall.Server.Tests.Recognition;

/// <summary>How many photographs are held in memory for single requests.</summary>
public sealed class ProbeLineTests
{
    private const int LargeInLine = 16;

    [Fact]
    public async Task Large_photographs_take_several_places_and_give_them_back()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var slow = new List<RawRequest>();
        for (var i = 0; i < LargeInLine; i++)
        {
            slow.Add(await RawRequest.PostAsync(tenant, "identify", "Expect: 100-continue\r\nContent-Length: 9000000"));
            Assert.StartsWith("HTTP/1.1 100", await slow[^1].AnswerAsync(), StringComparison.Ordinal); // it has its places and is being read
            await slow[^1].SendAsync(RawRequest.ImagePart.Replace("images", "image", StringComparison.Ordinal));
            await slow[^1].SendAsync(new byte[100_000]); // enough not to be slow for minutes
        }

        using (var refused = await IdentifyAsync(tenant))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("SERVICE_BUSY", await refused.ErrorCodeAsync());
            Assert.NotNull(refused.Headers.RetryAfter);
        }

        slow.ForEach(one => one.Dispose());
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await IdentifyAsync(tenant);
            return answer.StatusCode == HttpStatusCode.OK;
        });
    }

    private static async Task<HttpResponseMessage> IdentifyAsync(Tenant tenant)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(Assets.Lfw("Colin_Powell"))), "image", "a.jpg" } };
        return await tenant.Key.PostAsync($"/api/v1/collections/{tenant.Collection}/identify", form);
    }
}
