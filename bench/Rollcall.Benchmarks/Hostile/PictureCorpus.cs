using NetVips;
using Rollcall.Benchmarks.Pairs;

namespace Rollcall.Benchmarks.Hostile;

/// <summary>A picture to begin with.</summary>
/// <param name="Format">As it stands in the table of outcomes.</param>
internal sealed record SeedPicture(string Format, byte[] File);

/// <summary>Real photographs in every form that the server takes: the encoders make what cameras and editors make. The same each time.</summary>
/// <param name="Photographs">As pixels.</param>
/// <param name="Pictures">As files.</param>
internal sealed record PictureCorpus(IReadOnlyList<Image> Photographs, IReadOnlyList<SeedPicture> Pictures)
{
    private const int SmallSide = 256;
    private const int LargeSide = 2000; // is scaled while it is decoded
    private const int People = 6;
    private const int FramesOfAnimation = 3;

    private static readonly string[] Samples = ["group/2007_007763.jpg", "single/Tom_Cruise_avp_2014_4.jpg", "nonface/dog.jpg", "spoof/image_T1.jpg", "single/mask.png", "rotated/r90.jpg"];

    public static PictureCorpus Read(string faces)
    {
        NetVips.NetVips.Concurrency = 1;
        var photographs = Lfw.Some(faces, People).ConvertAll(path => Image.NewFromFile(path, memory: true));
        foreach (var sample in Samples)
        {
            using var read = Image.Thumbnail(Path.Combine(faces, "samples", sample), SmallSide, noRotate: true); // with its EXIF
            using var flat = read.HasAlpha() ? read.Flatten() : read.Copy();
            photographs.Add(flat.CopyMemory()); // what is read bit by bit can be read once
        }

        var pictures = photographs.SelectMany(Forms).ToList();
        pictures.AddRange(Lfw.Some(faces, People).Select(path => new SeedPicture("JPEG baseline", File.ReadAllBytes(path))));
        using var large = photographs[0].Resize((double)LargeSide / photographs[0].Width);
        pictures.Add(new("JPEG baseline", large.JpegsaveBuffer(q: 80)));
        pictures.Add(new("JPEG progressive", large.JpegsaveBuffer(q: 80, interlace: true)));
        pictures.Add(new("WebP lossy", large.WebpsaveBuffer(q: 70)));
        return new PictureCorpus(photographs, pictures);
    }

    private static IEnumerable<SeedPicture> Forms(Image flat)
    {
        using var gray = flat.Colourspace(Enums.Interpretation.Bw);
        using var cmyk = flat.Colourspace(Enums.Interpretation.Cmyk);
        using var deep = flat.Colourspace(Enums.Interpretation.Rgb16);
        using var clear = flat.Bandjoin(gray);
        yield return new("JPEG baseline", flat.JpegsaveBuffer(q: 90, subsampleMode: Enums.ForeignSubsample.Off, restartInterval: 4));
        yield return new("JPEG baseline", gray.JpegsaveBuffer(q: 75));
        yield return new("JPEG baseline", cmyk.JpegsaveBuffer(q: 85));
        yield return new("JPEG baseline", WithOrientation(flat.JpegsaveBuffer(q: 85, optimizeCoding: true), orientation: 6));
        yield return new("JPEG progressive", flat.JpegsaveBuffer(q: 85, interlace: true));
        yield return new("JPEG progressive", gray.JpegsaveBuffer(q: 60, interlace: true, restartInterval: 8));
        yield return new("PNG", flat.PngsaveBuffer(compression: 6));
        yield return new("PNG", flat.PngsaveBuffer(compression: 6, interlace: true, palette: true));
        yield return new("PNG", deep.PngsaveBuffer(compression: 1));
        yield return new("PNG", clear.PngsaveBuffer(compression: 6));
        yield return new("WebP lossy", flat.WebpsaveBuffer(q: 80));
        yield return new("WebP lossy", clear.WebpsaveBuffer(q: 60));
        yield return new("WebP lossless", flat.WebpsaveBuffer(lossless: true, effort: 2));
        yield return new("WebP animated", Animated(flat));
    }

    private static byte[] Animated(Image picture)
    {
        using var strip = Image.Arrayjoin([.. Enumerable.Repeat(picture, FramesOfAnimation)], across: 1);
        using var pages = strip.Mutate(changed => changed.Set(GValue.GIntType, "page-height", picture.Height));
        return pages.WebpsaveBuffer(q: 50, effort: 1);
    }

    /// <summary>An APP1 segment with a big-endian TIFF of one entry, the orientation.</summary>
    private static byte[] WithOrientation(byte[] jpeg, byte orientation)
    {
        byte[] body = [.. "Exif"u8, 0, 0, .. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
        return [.. jpeg[..2], 0xFF, 0xE1, 0, (byte)(body.Length + 2), .. body, .. jpeg[2..]];
    }
}
