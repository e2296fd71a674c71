namespace Rollcall.Benchmarks.Hostile;

/// <summary>The pictures of a run: number and seed tell which one it is, so that one that does harm can be had again.</summary>
internal sealed class PictureMutator(PictureCorpus corpus, int seed)
{
    private const int RemadeOneIn = 4;
    private const int MostMutations = 4;

    public SeedPicture Make(int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var isRemade = random.Next(RemadeOneIn) == 0;
        var picture = isRemade ? Remakes.Make(random, corpus.Photographs[random.Next(corpus.Photographs.Count)]) : Any(random);
        var file = picture.File;
        var mutations = isRemade ? Math.Max(0, random.Next(-2, 2)) : Math.Min(random.Next(1, MostMutations + 1), random.Next(1, MostMutations + 1));
        for (; mutations > 0; mutations--) file = Mutate(random, picture.Format, file, Any(random));
        return picture with { File = file };
    }

    private SeedPicture Any(Random random) => corpus.Pictures[random.Next(corpus.Pictures.Count)];

    private static byte[] Mutate(Random random, string format, byte[] file, SeedPicture other)
    {
        if (random.Next(3) == 0 || file.Length < 4) return ByteMutations.Mutate(random, file, other.File);
        var kind = format.Split(' ')[0];
        var alike = other.Format.StartsWith(kind, StringComparison.Ordinal) ? other.File : file;
        return kind switch
        {
            "JPEG" => JpegMutations.Mutate(random, file, alike),
            "PNG" => PngMutations.Mutate(random, file, alike),
            _ => WebPMutations.Mutate(random, file, alike),
        };
    }
}
