using NetVips;

namespace Rollcall.Benchmarks.Hostile;

/// <summary>Pictures that are whole and that nobody takes: slivers, noise, faces stretched beyond recognition. They reach the detector, which most damaged files do not.</summary>
internal static class Remakes
{
    private const int MostPixels = 600_000;
    private const int MostPixelsNowAndThen = 6_000_000;
    private const int LongestSide = 8000;

    public static SeedPicture Make(Random random, Image photograph)
    {
        using var distorted = Distort(random, photograph);
        using var sized = random.Next(2) == 0 ? Stretch(random, distorted) : distorted.Copy();
        return Encode(random, sized);
    }

    private static Image Distort(Random random, Image picture)
    {
        switch (random.Next(7))
        {
            case 0:
                var (left, top) = (random.Next(picture.Width), random.Next(picture.Height));
                return picture.Crop(left, top, random.Next(1, picture.Width - left + 1), random.Next(1, picture.Height - top + 1));
            case 1:
                using (var noise = Image.Gaussnoise(picture.Width, picture.Height, seed: random.Next(), sigma: random.Next(5, 200), mean: 0))
                using (var noisy = picture + noise) return noisy.Cast(Enums.BandFormat.Uchar);
            case 2:
                using (var turned = picture.Rot((Enums.Angle)random.Next(4))) return turned.Invert();
            case 3:
                var (right, down) = (random.Next(500), random.Next(500));
                return picture.Embed(right, down, right + picture.Width + random.Next(500), down + picture.Height + random.Next(500), extend: random.Next(2) == 0 ? Enums.Extend.Black : Enums.Extend.Copy);
            case 4:
                using (var harsh = picture.Linear([random.NextDouble() * 8], [random.Next(-400, 400)])) return harsh.Cast(Enums.BandFormat.Uchar);
            case 5:
                return picture.Replicate(random.Next(1, 6), random.Next(1, 6)); // a crowd
            default:
                return picture.Copy();
        }
    }

    private static Image Stretch(Random random, Image picture)
    {
        var (width, height) = (Math.Clamp(Pieces.Side(random), 1, LongestSide), Math.Clamp(Pieces.Side(random), 1, LongestSide));
        var most = random.Next(30) == 0 ? MostPixelsNowAndThen : MostPixels;
        if (width * height > most) height = Math.Max(1, most / width);
        return picture.Resize((double)width / picture.Width, vscale: (double)height / picture.Height);
    }

    private static SeedPicture Encode(Random random, Image picture)
    {
        using var gray = picture.Colourspace(Enums.Interpretation.Bw);
        switch (random.Next(7))
        {
            case 0:
                return new("JPEG baseline", picture.JpegsaveBuffer(q: random.Next(1, 101), subsampleMode: (Enums.ForeignSubsample)random.Next(3)));
            case 1:
                return new("JPEG progressive", (random.Next(2) == 0 ? gray : picture).JpegsaveBuffer(q: random.Next(1, 101), interlace: true));
            case 2:
                return new("PNG", picture.PngsaveBuffer(compression: 1, palette: true, bitdepth: 1 << random.Next(4), interlace: random.Next(2) == 0));
            case 3:
                using (var deep = picture.Colourspace(Enums.Interpretation.Rgb16)) return new("PNG", deep.PngsaveBuffer(compression: 1, interlace: random.Next(2) == 0));
            case 4:
                using (var clear = picture.Bandjoin(gray)) return new("PNG", clear.PngsaveBuffer(compression: 1));
            case 5:
                return new("WebP lossless", picture.WebpsaveBuffer(lossless: true, effort: 0));
            default:
                return new("WebP lossy", picture.WebpsaveBuffer(q: random.Next(1, 101), effort: 0));
        }
    }
}
