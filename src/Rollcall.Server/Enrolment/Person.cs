namespace Rollcall.Server.Enrolment;

/// <summary>A person under lock, while the rules are applied.</summary>
internal sealed record Person(long Num)
{
    public List<Reference> References { get; } = [];

    /// <summary>Nobody is to enrol this person.</summary>
    public bool IsSuppressed { get; set; }

    /// <summary>The best reference that stood when the person was locked.</summary>
    public Reference? Standing => References.Where(reference => reference is { StoodBefore: true, Num: > 0 }).MaxBy(reference => reference.QualityScore);

    /// <summary>The images that the jobs at hand carry for this person, by their hash.</summary>
    public HashSet<(string JobId, string Sha256)> Images { get; } = [];
}
