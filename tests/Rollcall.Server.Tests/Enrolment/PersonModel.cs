using Rollcall.Client.Contracts;

namespace Rollcall.Server.Tests.Enrolment;

/// <summary>A picture as the model sees it: nothing but what the rules look at.</summary>
internal sealed record ModelPicture(int Number, int Who, double Quality, bool HasFace = true)
{
    public string Sha256 => $"{Number:x64}";
}

/// <summary>A job, or an enrolment of its own, which has one item and nothing that could be undone.</summary>
internal sealed record ModelJob(long Accepted, OnDuplicate Mode, bool AllowIdentityChange, double MinQuality, bool IsSingle = false)
{
    public string Id { get; set; } = "";

    public List<ModelItem> Items { get; } = [];

    public bool IsCancelled { get; set; }

    /// <summary>What undoing it came to, once it is undone.</summary>
    public (int Restored, int Removed, string Left)? Undone { get; set; }
}

internal sealed record ModelItem(ModelJob Job, int Index, ModelPicture Picture)
{
    /// <summary>Null once the person is erased.</summary>
    public string? Person { get; set; }

    public ModelEnd? End { get; set; }
}

internal sealed class ModelReference(string person, ModelPicture picture, ModelJob? maker)
{
    public string Person => person;

    public ModelPicture Picture => picture;

    public ModelJob? Maker => maker;

    /// <summary>The accept numbers of the jobs that created or confirmed it.</summary>
    public HashSet<long> Jobs { get; } = [maker?.Accepted ?? 0];

    public ModelJob? SupersededBy { get; set; }

    /// <summary>What the server calls it; learnt when it is made.</summary>
    public string FaceId { get; set; } = "";

    public bool Stands => SupersededBy is null;
}

/// <summary>How an item ends: its outcome or its error code, and the references that it may name, if any.</summary>
internal sealed record ModelEnd(string Outcome, IReadOnlyList<ModelReference> Faces)
{
    public bool Succeeded => Faces.Count > 0;

    /// <summary>The best quality that was to be bettered.</summary>
    public double? Existing { get; init; }

    public ModelReference? Made { get; init; }
}

/// <summary>
/// The contract's six rules for one external id and its guard, as sets over what was ever enrolled. It is written from the contract's words, and
/// knows no lease, no change number and no transaction.
/// </summary>
internal sealed class PersonModel
{
    private const int MostReferences = 100;

    private readonly List<ModelReference> _all = [];

    public IReadOnlyList<ModelReference> All => _all;

    public IEnumerable<ModelReference> Standing(string person) => _all.Where(r => r.Person == person && r.Stands);

    public void Enrolled(ModelReference reference) => _all.Add(reference);

    public void Delete(ModelReference reference) => _all.Remove(reference);

    public void Erase(string person) => _all.RemoveAll(r => r.Person == person);

    /// <summary>Takes back what the job made and lets stand what it superseded, where nothing newer stands; a second time it does nothing.</summary>
    public (int Restored, int Removed, string Left) Undo(ModelJob job)
    {
        if (job.Undone is { } before) return before;

        var touched = _all.Where(r => r.Maker == job || r.SupersededBy == job).ToList();
        var newer = touched.Select(r => r.Person).Where(person => Standing(person).Any(r => r.Jobs.Max() > job.Accepted)).ToHashSet(StringComparer.Ordinal);
        var left = job.Items.Where(item => item.Person is not null && newer.Contains(item.Person) && item.End!.Outcome is "enrolled" or "replaced" or "unchanged")
            .Where(item => touched.Exists(r => r == item.End!.Made || (r.SupersededBy == job && r.Person == item.Person))).Select(item => item.Index);
        var removed = _all.RemoveAll(r => r.Maker == job && !newer.Contains(r.Person));
        var restored = _all.FindAll(r => r.SupersededBy == job && !newer.Contains(r.Person));
        foreach (var reference in restored) reference.SupersededBy = null;
        job.Undone = (restored.Count, removed, string.Join(' ', left));
        return job.Undone.Value;
    }

    /// <summary>Null when the picture has to be looked at and <paramref name="isSeen"/> says that it was not.</summary>
    public ModelEnd? Apply(ModelItem item, bool isSeen)
    {
        var (job, person, picture) = (item.Job, item.Person!, item.Picture);
        var later = Standing(person).Where(r => r.Jobs.Max() > job.Accepted).ToList();

        // Rule 2: the very same image, in every mode, first of all.
        var same = _all.Find(r => r.Person == person && r.Picture == picture && (r.Stands || (r.SupersededBy == job && later.Count == 0)));
        if (same is not null)
        {
            same.SupersededBy = null;
            same.Jobs.Add(job.Accepted);
            if (job.Mode == OnDuplicate.Replace && later.Count == 0) SupersedeAllBut(job, person);
            return new ModelEnd("unchanged", [same]);
        }

        // Rule 4: the later accepted wins.
        if (later.Count > 0) return new ModelEnd("skipped", Best(later));

        // Rule 1: what the job created, confirmed or carries the image of is its own.
        var stoodBefore = _all.Where(r => r.Person == person && r.Maker != job && (r.Stands || r.SupersededBy == job)).ToList();
        var carried = job.IsSingle ? [] : job.Items.Where(i => i.Person == person).Select(i => i.Picture).ToHashSet();
        var before = stoodBefore.Where(r => !carried.Contains(r.Picture)).ToList();
        if (before.Count > 0 && job.Mode == OnDuplicate.Skip) return new ModelEnd("skipped", Best(before));
        if (before.Count > 0 && job.Mode == OnDuplicate.Reject) return Failed(ErrorCodes.DuplicateExternalId);

        if (!isSeen) return null;
        if (!picture.HasFace) return Failed(ErrorCodes.FaceNotDetected);
        if (picture.Quality < job.MinQuality) return Failed(ErrorCodes.FaceQualityTooLow);

        // Rule 7: the guard.
        var isGuarded = !job.AllowIdentityChange && job.Mode is OnDuplicate.Replace or OnDuplicate.ReplaceIfBetter or OnDuplicate.Append;
        if (isGuarded && stoodBefore.Count > 0 && stoodBefore.TrueForAll(r => r.Picture.Who != picture.Who)) return Failed(ErrorCodes.IdentityMismatch);

        // Rule 3, the better one.
        double? existing = job.Mode == OnDuplicate.ReplaceIfBetter && stoodBefore.Count > 0 ? stoodBefore.Max(r => r.Picture.Quality) : null;
        if (picture.Quality <= existing && Standing(person).Any())
            return new ModelEnd("kept", Best([.. Standing(person)])) { Existing = existing };

        // Rule 6.
        if (job.Mode == OnDuplicate.Append && Standing(person).Count() >= MostReferences) return Failed(ErrorCodes.TooManyReferences);

        // Rule 3 and 5.
        var made = new ModelReference(person, picture, job);
        _all.Add(made);
        if (job.Mode is OnDuplicate.Replace or OnDuplicate.ReplaceIfBetter) SupersedeAllBut(job, person);
        var outcome = before.Count > 0 && job.Mode != OnDuplicate.Append ? "replaced" : "enrolled";
        return new ModelEnd(outcome, [made]) { Existing = existing, Made = made };
    }

    /// <summary>After a replacement the person's references are those that the job created or confirmed. What a single enrolment replaces is gone.</summary>
    private void SupersedeAllBut(ModelJob job, string person)
    {
        foreach (var old in Standing(person).Where(r => !r.Jobs.Contains(job.Accepted)).ToList())
        {
            if (job.IsSingle) _all.Remove(old);
            else old.SupersededBy = job;
        }
    }

    private static ModelEnd Failed(string code) => new(code, []);

    private static List<ModelReference> Best(IReadOnlyList<ModelReference> references)
    {
        var best = references.Max(r => r.Picture.Quality);
        return [.. references.Where(r => r.Picture.Quality.Equals(best))];
    }
}
