using System.Buffers.Binary;
using System.Text;

namespace Rollcall.Server.Tests.Batches;

/// <summary>Files that are not what they say, in one job with a good one.</summary>
public sealed class LyingImageTests
{
    [Fact]
    public async Task An_image_that_lies_fails_alone_with_its_code_and_the_server_goes_on()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var jpeg = Pictures.Jpeg(200, 200);
        var face = await File.ReadAllBytesAsync(Assets.Lfw("Colin_Powell"));
        (string Name, byte[] Image, string End)[] pictures =
        [
            ("GIF named .jpg", [.. "GIF89a"u8, 200, 0, 200, 0, 0, 0, 0, 0x3b], "UNSUPPORTED_FORMAT"),
            ("GIF with a JPEG behind", [.. "GIF89a"u8, .. face], "UNSUPPORTED_FORMAT"),
            ("PDF with a JPEG inside", [.. "%PDF-1.7\n"u8, .. face], "UNSUPPORTED_FORMAT"),
            ("a page with a JPEG inside", [.. "<html>"u8, .. face], "UNSUPPORTED_FORMAT"),
            ("zero bytes", [], "UNSUPPORTED_FORMAT"),
            ("one byte", [0xff], "UNSUPPORTED_FORMAT"),
            ("all zeros", new byte[5000], "UNSUPPORTED_FORMAT"),
            ("a WAVE file", [.. "RIFF"u8, 0, 0, 0, 0, .. "WAVE"u8, .. new byte[100]], "UNSUPPORTED_FORMAT"),
            ("PNG of 65,500 by 65,500", Pictures.PngBomb(65_500), "IMAGE_TOO_LARGE"),
            ("JPEG of 65,500 by 65,500", Sized(jpeg, 65_500), "IMAGE_TOO_LARGE"),
            ("JPEG that says to be larger than it is", Sized(jpeg, 4000), "UNREADABLE_IMAGE"),
            ("JPEG of no height", Sized(jpeg, 0), "UNREADABLE_IMAGE"),
            ("JPEG, half of it", face[..(face.Length / 2)], "UNREADABLE_IMAGE"),
            ("JPEG, its first bytes", [0xff, 0xd8, 0xff], "UNREADABLE_IMAGE"),
            ("PNG, its first bytes", [0x89, .. "PNG\r\n\u001a\n"u8], "UNREADABLE_IMAGE"),
            ("JPEG with an archive behind", [.. face, .. "PK\u0003\u0004"u8, .. new byte[1000]], "enrolled"),
            ("JPEG with a script in its comment", Commented(face, "<script>alert(1)</script>"), "enrolled"),
        ];
        var body = pictures.Aggregate(new BatchBody(), (body, picture) => body.Image(picture.Name, picture.Image));

        var job = await tenant.EnrolAsync(body.Field("min_quality", "0"));

        Assert.Equal(
            pictures.Select(picture => $"{picture.Name}: {picture.End}"),
            job["results"]!.AsArray().Select(item => $"{item!["external_id"]}: {item["error"]?["code"] ?? item["outcome"]}"));
        Assert.Equal("done", (await tenant.EnrolAsync(BatchBody.Of(("good", Assets.Lfw("Tom_Ridge")))))["status"]!.GetValue<string>());
    }

    /// <summary>The same data under another size in the frame header.</summary>
    private static byte[] Sized(byte[] jpeg, int side)
    {
        var sized = jpeg.ToArray();
        var at = 2;
        while (sized[at + 1] is not (0xc0 or 0xc2)) at += 2 + BinaryPrimitives.ReadUInt16BigEndian(sized.AsSpan(at + 2));
        BinaryPrimitives.WriteUInt16BigEndian(sized.AsSpan(at + 5), (ushort)side);
        BinaryPrimitives.WriteUInt16BigEndian(sized.AsSpan(at + 7), (ushort)side);
        return sized;
    }

    private static byte[] Commented(byte[] jpeg, string comment) =>
        [.. jpeg[..2], 0xff, 0xfe, 0, (byte)(comment.Length + 2), .. Encoding.ASCII.GetBytes(comment), .. jpeg[2..]];
}
