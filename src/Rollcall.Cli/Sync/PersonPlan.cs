using Rollcall.Cli.Sources;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Sync;

/// <summary>A photograph in the folder.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Sha256">Of its bytes, lower-case hex; null when they were not read.</param>
/// <param name="Refusal">Why it is not sent; null when it is.</param>
internal sealed record LocalPhotograph(string Path, string? Sha256, Refusal? Refusal)
{
    /// <summary>The hash that the file had until it changed, as far as is known.</summary>
    public string? Before { get; init; }
}

/// <summary>A reference in the collection.</summary>
/// <param name="FaceId">Its id.</param>
/// <param name="Sha256">Of the photograph that it came from.</param>
/// <param name="IsReplaced">Whether an interrupted sync enrolled another in its place, and did not come to take this one out.</param>
internal sealed record StandingFace(string FaceId, string Sha256, bool IsReplaced = false);

/// <summary>A photograph that takes the place of a reference.</summary>
internal sealed record Exchange(LocalPhotograph Photograph, StandingFace Face);

/// <summary>
/// What makes the references of a person like their photographs in the folder. The same bytes are the same photograph, whatever its name.
/// </summary>
/// <remarks>
/// What is new is added to what stands, and a reference that is gone from the folder goes afterwards: one with a new photograph in its place when
/// that one stands, one without when all that the folder has of the person stands. So a bad picture never takes a good one with it. Who has no
/// file in the folder at all is erased.
/// </remarks>
internal sealed record PersonPlan(string ExternalId)
{
    /// <summary>The contract's limit for a person.</summary>
    public const int MostReferences = 100;

    public IReadOnlyList<LocalPhotograph> Added { get; private init; } = [];

    public IReadOnlyList<Exchange> Changed { get; private init; } = [];

    /// <summary>References whose place another has taken already.</summary>
    public IReadOnlyList<StandingFace> Replaced { get; private init; } = [];

    /// <summary>References that go without another in their place; all of them when the person <see cref="Leaves"/>.</summary>
    public IReadOnlyList<StandingFace> Removed { get; private init; } = [];

    /// <summary>Photographs that are not enrolled and are not sent, each with its reason.</summary>
    public IReadOnlyList<LocalPhotograph> NotEnrolled { get; private init; } = [];

    /// <summary>References that are in the folder.</summary>
    public int Unchanged { get; private init; }

    /// <summary>References that are not in the folder and stay, since a photograph that is not enrolled may be meant to take their place.</summary>
    public int Kept { get; private init; }

    public bool Leaves { get; private init; }

    /// <summary>How many of the changed go before the new ones come, since a person has room for so many only.</summary>
    public int MakeRoom { get; private init; }

    public static PersonPlan Of(string externalId, IReadOnlyList<LocalPhotograph> photographs, IReadOnlyList<StandingFace> faces)
    {
        if (photographs.Count == 0) return new(externalId) { Leaves = true, Removed = faces };

        var here = photographs.Select(photograph => photograph.Sha256).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var there = faces.Select(face => face.Sha256).ToHashSet(StringComparer.Ordinal);
        var lost = faces.Where(face => !here.Contains(face.Sha256)).ToList();
        var unchanged = faces.Count - lost.Count;

        // What stands is good, whatever was said of its bytes once.
        var open = photographs
            .Where(photograph => photograph.Sha256 is null || !there.Contains(photograph.Sha256))
            .DistinctBy(photograph => photograph.Sha256 ?? photograph.Path)
            .ToList();
        var usable = open.FindAll(photograph => photograph.Refusal is null);
        var gained = usable.Take(Math.Max(0, MostReferences - unchanged)).ToList();
        List<LocalPhotograph> refused = [.. open.Where(photograph => photograph.Refusal is not null), .. usable.Skip(gained.Count).Select(TooMany)];

        var replaced = lost.FindAll(face => face.IsReplaced);
        lost.RemoveAll(face => face.IsReplaced);
        var changed = Pair(gained, lost, onlyKnown: photographs.Any(photograph => photograph.Sha256 is null));
        var stays = refused.Count > 0;
        var tooMany = Math.Max(0, faces.Count + gained.Count - MostReferences);
        return new(externalId)
        {
            Added = [.. gained.Except(changed.Select(exchange => exchange.Photograph))],
            Changed = changed,
            Replaced = replaced,
            Removed = stays ? [] : lost,
            NotEnrolled = refused,
            Unchanged = unchanged,
            Kept = stays ? lost.Count : 0,
            MakeRoom = Math.Min(Math.Min(tooMany, changed.Count), faces.Count / 2),
        };
    }

    /// <summary>The photograph that a file became takes the place of what it was; the others take what is left, in their order.</summary>
    /// <param name="gained">What is new.</param>
    /// <param name="lost">What is gone; the pairs are taken out of it.</param>
    /// <param name="onlyKnown">A file that was not read may be any of those that seem to be gone: then only the first will do.</param>
    private static List<Exchange> Pair(List<LocalPhotograph> gained, List<StandingFace> lost, bool onlyKnown)
    {
        var pairs = new List<Exchange>();
        foreach (var photograph in gained)
        {
            if (lost.Find(face => face.Sha256 == photograph.Before) is { } face) Take(photograph, face);
        }

        if (onlyKnown) return pairs;
        foreach (var photograph in gained.Except(pairs.ConvertAll(pair => pair.Photograph)).Take(lost.Count).ToList())
        {
            Take(photograph, lost[0]);
        }

        return pairs;

        void Take(LocalPhotograph photograph, StandingFace face)
        {
            pairs.Add(new(photograph, face));
            lost.Remove(face);
        }
    }

    private static LocalPhotograph TooMany(LocalPhotograph photograph) =>
        photograph with { Refusal = new(ErrorCodes.TooManyReferences, $"A person has at most {MostReferences} references.") };
}
