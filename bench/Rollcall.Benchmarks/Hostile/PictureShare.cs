using System.Globalization;

namespace Rollcall.Benchmarks.Hostile;

/// <summary>Which pictures a child works through: each <paramref name="Step"/>-th from <paramref name="First"/>.</summary>
internal sealed record PictureShare(int Seed, int First, int End, int Step)
{
    public const string Option = "--share";

    public IReadOnlyList<string> ToArguments() => [Option, string.Create(CultureInfo.InvariantCulture, $"{Seed},{First},{End},{Step}")];

    public static PictureShare? Of(string[] args)
    {
        if (Material.ValueOf(args, Option) is not { } share) return null;
        var parts = share.Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new PictureShare(parts[0], parts[1], parts[2], parts[3]);
    }
}
