namespace Rollcall.Server.Tests.Batches;

public sealed class MixedJobTests
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public async Task Each_picture_ends_with_its_own_outcome_and_the_good_ones_are_enrolled()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        (string Name, byte[] Image, string? Code)[] pictures =
        [
            ("good", File.ReadAllBytes(Assets.Lfw("Colin_Powell")), null),
            ("sideways", File.ReadAllBytes(Assets.Sample("spoof/image_F1.jpg")), null),
            ("png", File.ReadAllBytes(Assets.Sample("single/astronaut.png")), null),
            ("no-face", File.ReadAllBytes(Assets.Sample("nonface/rocket.jpg")), "FACE_NOT_DETECTED"),
            ("several", File.ReadAllBytes(Assets.Sample("group/t1.jpg")), "MULTIPLE_FACES"),
            ("corrupted", Pictures.Corrupted(File.ReadAllBytes(Assets.Sample("single/astronaut.png"))), "UNREADABLE_IMAGE"),
            ("corrupted-header", File.ReadAllBytes(Assets.Sample("broken/corrupted.png")), "UNREADABLE_IMAGE"),
            ("empty", [], "UNSUPPORTED_FORMAT"),
            ("truncated", File.ReadAllBytes(Assets.Sample("broken/truncated.jpg")), "UNREADABLE_IMAGE"),
            ("text", "I am no photograph."u8.ToArray(), "UNSUPPORTED_FORMAT"),
            ("bomb", Pictures.PngBomb(), "IMAGE_TOO_LARGE"),
            ("tiny", Pictures.Jpeg(50, 50), "IMAGE_TOO_SMALL"),
            ("bmp", File.ReadAllBytes(Assets.Sample("broken/einstein.bmp")), "UNSUPPORTED_FORMAT"),
            ("11-megabytes", Pictures.Padded(Pictures.Jpeg(200, 200), 11 * Megabyte), "IMAGE_TOO_LARGE"),
            ("good-after-all", File.ReadAllBytes(Assets.Lfw("Tom_Ridge")), null),
        ];
        var body = new BatchBody();
        foreach (var (name, image, _) in pictures) body.Image(name, image);

        var job = await tenant.EnrolAsync(body.Field("min_quality", "0"));

        Assert.Equal("done", job["status"]!.GetValue<string>());
        Assert.Equal(
            pictures.Select(picture => $"{picture.Name}: {picture.Code ?? "enrolled"}"),
            job["results"]!.AsArray().Select(item => $"{item!["external_id"]}: {item["error"]?["code"] ?? item["outcome"]}"));
        foreach (var (name, _, code) in pictures)
            Assert.Equal(code is null ? 1 : 0, (await tenant.FacesAsync(name)).Count);
    }

    [Fact]
    public async Task A_failed_item_has_no_face_and_says_what_to_do_and_a_good_one_has_its_box_and_score()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        var job = await tenant.EnrolAsync(BatchBody.Of(("a", Assets.Lfw("Colin_Powell")), ("b", Assets.Sample("single/blur.jpg"))).Field("min_quality", "0.45"));

        var results = job["results"]!.AsArray();
        var good = results[0]!.AsObject();
        Assert.Equal(["index", "external_id", "face_id", "success", "outcome", "quality_score", "bounding_box"], good.Select(p => p.Key));
        Assert.InRange(good["quality_score"]!.GetValue<double>(), 0.4, 1);
        foreach (var side in new[] { "x", "y", "width", "height" }) Assert.InRange(good["bounding_box"]![side]!.GetValue<double>(), 0, 1);

        var poor = results[1]!.AsObject();
        Assert.Null(poor["face_id"]);
        Assert.Equal("FACE_QUALITY_TOO_LOW", poor["error"]!["code"]!.GetValue<string>());
        Assert.Contains("blur", poor["error"]!["details"]!["reasons"]!.AsArray().Select(reason => reason!.GetValue<string>()));
    }

    [Fact]
    public async Task Of_several_faces_the_largest_is_enrolled_when_that_is_asked_for()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        var job = await tenant.EnrolAsync(BatchBody.Of(("blair", Assets.Lfw("Tony_Blair"))).Field("multiple_faces", "largest"));

        Assert.Equal("enrolled", job["results"]![0]!["outcome"]!.GetValue<string>());
        var found = await tenant.IdentifyAsync(Assets.Lfw("Tony_Blair", 3));
        Assert.Equal("blair", found["matches"]![0]!["external_id"]!.GetValue<string>());
    }
}
