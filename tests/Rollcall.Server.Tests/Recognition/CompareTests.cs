using System.Net;
using static Rollcall.Server.Tests.Recognition.ProbeCalls;

namespace Rollcall.Server.Tests.Recognition;

public sealed class CompareTests
{
    [Fact]
    public async Task Two_photographs_of_one_person_are_verified_and_of_two_are_not()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var (a, b) = (File("image_a", Assets.Lfw("Colin_Powell", 1)), File("image_b", Assets.Lfw("Colin_Powell", 2)));

        var genuine = await tenant.Key.SendAsync("compare", [a, b]).DataAsync();
        Assert.True(genuine["verified"]!.GetValue<bool>());
        Assert.InRange(genuine["similarity"]!.GetValue<double>(), 0.5, 0.9999);
        Assert.InRange(genuine["cosine"]!.GetValue<double>(), 0.3, 0.9999);
        Assert.Equal(0.5, genuine["threshold"]!.GetValue<double>());

        var swapped = await tenant.Bearer.SendAsync("compare", [("image_b", a.Bytes), ("image_a", b.Bytes)]).DataAsync();
        Assert.Equal(genuine["similarity"]!.GetValue<double>(), swapped["similarity"]!.GetValue<double>(), 0.0002);

        var strict = await tenant.Key.SendAsync("compare", [a, b], ("threshold", "1")).DataAsync();
        Assert.Equal((false, 1.0), (strict["verified"]!.GetValue<bool>(), strict["threshold"]!.GetValue<double>()));
        Assert.True((await tenant.Key.SendAsync("compare", [a, ("image_b", a.Bytes)], ("threshold", "1")).DataAsync())["verified"]!.GetValue<bool>());

        var impostor = await tenant.Key.SendAsync("compare", [a, File("image_b", Assets.Lfw("Tom_Ridge"))]).DataAsync();
        Assert.False(impostor["verified"]!.GetValue<bool>());
        Assert.InRange(impostor["similarity"]!.GetValue<double>(), 0, 0.5);
    }

    [Fact]
    public async Task An_error_says_which_image_it_is_about()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var good = await System.IO.File.ReadAllBytesAsync(Assets.Lfw("Tom_Ridge"));

        foreach (var (bytes, code) in Bad.Images())
        {
            Assert.Equal("image_a", await ImageOfAsync(bytes, good, code));
            Assert.Equal("image_b", await ImageOfAsync(good, bytes, code));
            Assert.Equal("image_a", await ImageOfAsync(bytes, bytes, code));
        }

        async Task<string> ImageOfAsync(byte[] a, byte[] b, string code) =>
            (await tenant.Key.SendAsync("compare", [("image_a", a), ("image_b", b)])
                .RefusedAsync(HttpStatusCode.UnprocessableEntity, code))["details"]!["image"]!.GetValue<string>();
    }

    [Fact]
    public async Task Several_faces_are_refused_only_when_that_is_asked_for()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var (one, group) = (File("image_a", Assets.Lfw("Tom_Ridge")), File("image_b", Assets.Sample("group/t1.jpg")));

        var error = await tenant.Key.SendAsync("compare", [one, group], ("multiple_faces", "reject"))
            .RefusedAsync(HttpStatusCode.UnprocessableEntity, "MULTIPLE_FACES");

        Assert.Equal("image_b", error["details"]!["image"]!.GetValue<string>());
        Assert.True(error["details"]!["faces_found"]!.GetValue<int>() > 1);
        Assert.False((await tenant.Key.SendAsync("compare", [one, group]).DataAsync())["verified"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("image_a")]
    [InlineData("image_b")]
    [InlineData("image_a image_a image_b")]
    [InlineData("image_a image_b image")]
    [InlineData("image_a image_b", "threshold", "2")]
    [InlineData("image_a image_b", "multiple_faces", "match_existing")]
    [InlineData("image_a image_b", "external_id", "p")]
    public async Task It_takes_two_images_and_what_it_knows(string images, string? field = null, string value = "")
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var parts = images.Split(' ').Select(name => File(name, Assets.Lfw("Tom_Ridge")));

        await tenant.Key.SendAsync("compare", parts, field is null ? [] : [(field, value)])
            .RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
    }

    [Fact]
    public async Task A_body_may_be_twice_as_long_as_that_of_one_image_and_no_longer()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        tenant.Key.DefaultRequestHeaders.ExpectContinue = true;
        var huge = new byte[64 * 1024 * 1024];

        var error = await tenant.Key.SendAsync("compare", [File("image_a", Assets.Lfw("Tom_Ridge")), ("image_b", huge)])
            .RefusedAsync(HttpStatusCode.UnprocessableEntity, "IMAGE_TOO_LARGE");
        Assert.Equal("image_b", error["details"]!["image"]!.GetValue<string>());
        await tenant.Key.SendAsync("compare", [("image_a", huge), ("image_b", huge)])
            .RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE");
    }
}
