using Rollcall.Cli.Enrol;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Sync;

/// <summary>A photograph in the folder.</summary>
/// <param name="Sha256">Of its bytes, lower-case hex; null when they cannot be read.</param>
/// <param name="IsRefused">Whether the server refused these very bytes for this person before, with the same gates.</param>
internal sealed record LocalPhotograph(string Location, string? Sha256, bool IsRefused);

/// <summary>A reference in the collection.</summary>
internal sealed record StandingFace(string FaceId, string Sha256);

/// <summary>What is to go.</summary>
/// <param name="FaceIds">Null for the person altogether.</param>
internal sealed record Removal(string ExternalId, IReadOnlyList<string>? FaceIds, int Faces);

/// <summary>
/// What makes a collection like a folder. The same person with the same bytes is the same photograph, whatever its name.
/// </summary>
/// <remarks>
/// A person with new photographs alone gets them added. One who lost some as well is enrolled anew with all that are in the folder: the server
/// keeps those that it has and lets the others go when the first new one has succeeded, so that nobody is ever without a reference. Of a person
/// who only lost some, those go. Who has no photograph in the folder at all is erased. But who has some, all of which were refused, keeps what
/// stands: a bad picture is no reason to forget somebody.
/// </remarks>
internal sealed class SyncPlan
{
    private readonly List<(PlannedPhotograph, OnDuplicate)> _uploads = [];
    private readonly List<Removal> _removals = [];

    public IReadOnlyList<(PlannedPhotograph Photograph, OnDuplicate OnDuplicate)> Uploads => _uploads;

    public IReadOnlyList<Removal> Removals => _removals;

    public int Added { get; private set; }

    public int Changed { get; private set; }

    public int Unchanged { get; private set; }

    /// <summary>References that go without another in their place.</summary>
    public int Removed { get; private set; }

    /// <summary>Photographs that were refused before and are not sent again.</summary>
    public int KnownBad { get; private set; }

    /// <summary>People who keep what stands since all of theirs in the folder were refused.</summary>
    public int Kept { get; private set; }

    public int Standing { get; private set; }

    public bool IsEmpty => _uploads.Count == 0 && _removals.Count == 0;

    public static SyncPlan Create(
        IReadOnlyDictionary<string, List<LocalPhotograph>> local, IReadOnlyDictionary<string, List<StandingFace>> standing)
    {
        var plan = new SyncPlan { Standing = standing.Values.Sum(faces => faces.Count) };
        foreach (var (person, photographs) in local.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            plan.Compare(person, photographs, standing.GetValueOrDefault(person) ?? []);
        }

        foreach (var (person, faces) in standing.Where(one => !local.ContainsKey(one.Key)).OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            plan._removals.Add(new(person, null, faces.Count));
            plan.Removed += faces.Count;
        }

        return plan;
    }

    private void Compare(string person, List<LocalPhotograph> photographs, List<StandingFace> faces)
    {
        var here = photographs.Select(photograph => photograph.Sha256).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var there = faces.Select(face => face.Sha256).ToHashSet(StringComparer.Ordinal);
        var usable = photographs.Where(photograph => photograph is { Sha256: not null, IsRefused: false }).DistinctBy(photograph => photograph.Sha256).ToList();
        var gained = usable.Where(photograph => !there.Contains(photograph.Sha256!)).ToList();
        var lost = faces.Where(face => !here.Contains(face.Sha256)).ToList();
        var unreadable = photographs.Any(photograph => photograph.Sha256 is null);
        KnownBad += photographs.Count(photograph => photograph.IsRefused && !there.Contains(photograph.Sha256!));
        Unchanged += faces.Count - lost.Count;

        // A file that cannot be read now may be any of those that seem lost.
        if (unreadable || (gained.Count == 0 && faces.Count == lost.Count))
        {
            if (lost.Count > 0) Kept++;
            lost = [];
        }

        Changed += Math.Min(gained.Count, lost.Count);
        Added += Math.Max(0, gained.Count - lost.Count);
        Removed += Math.Max(0, lost.Count - gained.Count);
        if (gained.Count == 0 && lost.Count > 0)
            _removals.Add(new(person, [.. lost.Select(face => face.FaceId)], lost.Count));
        else if (lost.Count == 0)
            _uploads.AddRange(gained.Select(photograph => (new PlannedPhotograph(photograph.Location, person), OnDuplicate.Append)));
        else
            _uploads.AddRange(usable.Select(photograph => (new PlannedPhotograph(photograph.Location, person), OnDuplicate.Replace)));
    }
}
