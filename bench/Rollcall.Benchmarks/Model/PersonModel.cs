using Rollcall.Client.Contracts;

namespace Rollcall.Benchmarks.Model;

/// <summary>What stands for a person, or was superseded and can be restored.</summary>
internal sealed class ModelReference(string person, ModelPicture picture, ModelJob? maker)
{
    /// <summary>The item that made it, or the face's own id where no item did.</summary>
    public string Key { get; set; } = "";

    public string Person => person;

    public ModelPicture Picture => picture;

    public ModelJob? Maker => maker;

    /// <summary>The accept numbers of the jobs that created or confirmed it.</summary>
    public HashSet<long> Jobs { get; } = [maker?.Accepted ?? 0];

    public ModelJob? SupersededBy { get; set; }

    /// <summary>The upload that it took over.</summary>
    public string? Image { get; set; }

    public bool Stands => SupersededBy is null;
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

    /// <summary>What the job superseded goes with it.</summary>
    public void Forget(ModelJob job) => _all.RemoveAll(r => r.SupersededBy == job);

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
            if (job.Gates.Mode == OnDuplicate.Replace && later.Count == 0) SupersedeAllBut(job, person);
            return new ModelEnd("unchanged", [same]);
        }

        // Rule 4: the later accepted wins.
        if (later.Count > 0) return new ModelEnd("skipped", Best(later));

        // Rule 1: what the job created, confirmed or carries the image of is its own.
        var stoodBefore = _all.Where(r => r.Person == person && r.Maker != job && (r.Stands || r.SupersededBy == job)).ToList();
        var carried = job.IsSingle ? [] : job.Items.Where(i => i.Person == person).Select(i => i.Picture).ToHashSet();
        var before = stoodBefore.Where(r => !carried.Contains(r.Picture)).ToList();
        if (before.Count > 0 && job.Gates.Mode == OnDuplicate.Skip) return new ModelEnd("skipped", Best(before));
        if (before.Count > 0 && job.Gates.Mode == OnDuplicate.Reject) return ModelEnd.Failed(ErrorCodes.DuplicateExternalId);

        if (!isSeen) return null;
        if (!picture.HasFace) return ModelEnd.Failed(ErrorCodes.FaceNotDetected);
        if (picture.Quality < job.Gates.MinQuality) return ModelEnd.Failed(ErrorCodes.FaceQualityTooLow);

        // Rule 7: the guard.
        var isGuarded = !job.Gates.AllowIdentityChange && job.Gates.Mode is OnDuplicate.Replace or OnDuplicate.ReplaceIfBetter or OnDuplicate.Append;
        if (isGuarded && stoodBefore.Count > 0 && stoodBefore.TrueForAll(r => r.Picture.Who != picture.Who)) return ModelEnd.Failed(ErrorCodes.IdentityMismatch);

        // Rule 3, the better one.
        double? existing = job.Gates.Mode == OnDuplicate.ReplaceIfBetter && stoodBefore.Count > 0 ? stoodBefore.Max(r => r.Picture.Quality) : null;
        if (picture.Quality <= existing && Standing(person).Any())
            return new ModelEnd("kept", Best([.. Standing(person)])) { Existing = existing };

        // Rule 6.
        if (job.Gates.Mode == OnDuplicate.Append && Standing(person).Count() >= MostReferences) return ModelEnd.Failed(ErrorCodes.TooManyReferences);

        // Rule 3 and 5.
        var made = new ModelReference(person, picture, job);
        _all.Add(made);
        if (job.Gates.Mode is OnDuplicate.Replace or OnDuplicate.ReplaceIfBetter) SupersedeAllBut(job, person);
        var outcome = before.Count > 0 && job.Gates.Mode != OnDuplicate.Append ? "replaced" : "enrolled";
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

    private static List<ModelReference> Best(IReadOnlyList<ModelReference> references)
    {
        var best = references.Max(r => r.Picture.Quality);
        return [.. references.Where(r => r.Picture.Quality.Equals(best))];
    }
}
