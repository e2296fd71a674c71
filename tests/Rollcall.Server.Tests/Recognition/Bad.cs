using SkiaSharp;

namespace Rollcall.Server.Tests.Recognition;

/// <summary>One image for each thing that can be wrong with one.</summary>
internal static class Bad
{
    public static IEnumerable<(byte[] Bytes, string Code)> Images() =>
        [.. Unreadable(), (File.ReadAllBytes(Assets.Sample("nonface/rocket.jpg")), "FACE_NOT_DETECTED")];

    public static IEnumerable<(byte[] Bytes, string Code)> Unreadable()
    {
        yield return (File.ReadAllBytes(Assets.Sample("broken/einstein.bmp")), "UNSUPPORTED_FORMAT");
        yield return ([], "UNSUPPORTED_FORMAT");
        yield return (File.ReadAllBytes(Assets.Sample("broken/truncated.jpg")), "UNREADABLE_IMAGE");
        yield return (Blank(99, 200), "IMAGE_TOO_SMALL");
        yield return (new byte[(10 * 1024 * 1024) + 1], "IMAGE_TOO_LARGE");
    }

    private static byte[] Blank(int width, int height)
    {
        using var bitmap = new SKBitmap(width, height);
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
