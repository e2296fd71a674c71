namespace Rollcall.Server.Enrolment;

/// <summary>A person under lock, while the rules are applied.</summary>
internal sealed record Person(long Num)
{
    public List<Reference> References { get; } = [];

    /// <summary>The images that the jobs at hand carry for this person, by their hash.</summary>
    public HashSet<(string JobId, string Sha256)> Images { get; } = [];
}
