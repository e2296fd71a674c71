using NetVips;
using OpenCvSharp;
using Rollcall.Benchmarks.Pairs;
using Rollcall.Faces;
using SkiaSharp;

namespace Rollcall.Benchmarks;

/// <summary>
/// Decoding a JPEG to pixels with three libraries, one thread, whole and at half scale (docs/adr/0002). NetVips.Native is
/// LGPL: it is measured here and not shipped.
/// </summary>
internal static class CodecCommand
{
    public static int Run(string[] args)
    {
        NetVips.NetVips.Concurrency = 1;
        // A group photograph at the size of a phone's: 12 megapixels.
        var photo = Enlarged(File.ReadAllBytes(Path.Combine(Material.Faces, "samples", "group", "bald_guys.jpg")), 4000, 3000);
        var small = File.ReadAllBytes(new LfwImage("Aaron_Eckhart", 1).PathUnder(Material.Faces));
        Console.WriteLine($"12 megapixels, {photo.Length >> 10} KB");
        Print("SkiaSharp", () => Skia(photo, 1));
        Print("SkiaSharp, half", () => Skia(photo, 0.5f));
        Print("ImageDecoder", () => ImageDecoder.Decode(photo, out _)!.Dispose());
        Print("NetVips", () => Vips(photo, 1));
        Print("NetVips, half", () => Vips(photo, 2));
        Print("OpenCvSharp", () => OpenCv(photo, ImreadModes.Color));
        Print("OpenCvSharp, half", () => OpenCv(photo, ImreadModes.ReducedColor2));
        Console.WriteLine($"250×250, {small.Length >> 10} KB");
        Print("SkiaSharp", () => Skia(small, 1));
        Print("ImageDecoder", () => ImageDecoder.Decode(small, out _)!.Dispose());
        Print("NetVips", () => Vips(small, 1));
        Print("OpenCvSharp", () => OpenCv(small, ImreadModes.Color));
        return 0;
    }

    private static void Print(string name, Action decode)
    {
        try
        {
            Console.WriteLine($"  {name,-20} {Clock.Median(decode),8:0.000} ms");
        }
        catch (TypeInitializationException missing)
        {
            // OpenCvSharp's official Linux build wants GTK 3, which a server does not have.
            var library = missing.InnerException?.Message.Split('\n')
                .FirstOrDefault(line => line.Contains("cannot open") && !line.Contains("OpenCvSharpExtern"));
            Console.WriteLine($"  {name,-20} not here: {library}");
        }
    }

    private static unsafe void Skia(byte[] file, float scale)
    {
        fixed (byte* start = file)
        {
            using var data = SKData.Create((nint)start, file.Length);
            using var codec = SKCodec.Create(data);
            var size = codec.GetScaledDimensions(scale);
            using var bitmap = new SKBitmap(new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
            if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) != SKCodecResult.Success)
                throw new InvalidOperationException("It does not decode.");
        }
    }

    private static void Vips(byte[] file, int shrink)
    {
        using var image = Image.JpegloadBuffer(file, shrink: shrink);
        image.WriteToMemory<byte>();
    }

    private static void OpenCv(byte[] file, ImreadModes mode)
    {
        Cv2.SetNumThreads(1);
        using var pixels = Cv2.ImDecode(file, mode);
    }

    private static byte[] Enlarged(byte[] file, int width, int height)
    {
        using var bitmap = SKBitmap.Decode(file);
        using var large = bitmap.Resize(new SKImageInfo(width, height), new SKSamplingOptions(SKCubicResampler.Mitchell));
        using var data = large.Encode(SKEncodedImageFormat.Jpeg, 90);
        return data.ToArray();
    }
}
