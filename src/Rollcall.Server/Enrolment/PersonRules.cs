using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Rollcall.Client.Contracts;
using Rollcall.Faces.Models;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Enrolment;

/// <summary>
/// The rules for one external id, over the person's references as they were read under the person's lock.
/// </summary>
/// <remarks>
/// 1. The very same image, standing: it is confirmed, whatever the mode; nothing is decoded.
/// 2. References of a later accepted job: that job wins, the item is skipped.
/// 3. References from before the job decide on a duplicate and, for a replacement, on the identity.
/// 4. The job's first success for the person supersedes them; the job's own references all stand.
/// </remarks>
internal sealed class PersonRules(List<Reference> references, ScoreCalibration calibration, TimeProvider time)
{
    /// <summary>Applies one item. What it changes is marked on the references, new ones are added to the list.</summary>
    public Verdict Apply(ClaimedItem item, ItemResult.Embedded? result, long personNum)
    {
        // 1
        if (SameImage(item) is { } same)
        {
            Confirm(item, same);
            return new Verdict.Success(ItemOutcome.Unchanged, same);
        }

        if (result is null) return new Verdict.NeedsDecoding();

        // 2
        if (references.Where(r => r.Stands && r.OwnerSeq > item.AcceptSeq).MaxBy(r => r.QualityScore) is { } later)
            return new Verdict.Success(ItemOutcome.Skipped, later);

        // 3
        var before = references.Where(r => IsFromBefore(r, item)).ToList();
        if (before.Count > 0 && item.JobOptions.OnDuplicate == OnDuplicate.Reject)
            return new Verdict.Failure(ErrorCodes.DuplicateExternalId, "This external id is enrolled already, and the job asked to reject duplicates.");
        if (IsGuarded(item) && BestSimilarity(item, result.Vector) is { } best && best < item.JobOptions.IdentityGuard)
        {
            return new Verdict.Failure(
                ErrorCodes.IdentityMismatch,
                "The face does not look like the person who is enrolled under this external id. If it is right, submit it with allow_identity_change.",
                new JsonObject { ["similarity"] = Math.Round(best, 4) });
        }

        // 4
        Supersede(item);
        var added = new Reference
        {
            Id = Ids.New("face_", time),
            PersonNum = personNum,
            ImageSha256 = item.ImageSha256,
            Model = item.CollectionModel,
            QualityScore = result.Quality,
            Vector = MemoryMarshal.AsBytes(result.Vector.AsSpan()).ToArray(),
            JobId = item.JobId,
            OwnerSeq = item.AcceptSeq,
            Source = new Enrolled(item, result),
            Changed = true,
            ChangedForSearch = true,
        };
        references.Add(added);
        return new Verdict.Success(before.Count > 0 ? ItemOutcome.Replaced : ItemOutcome.Enrolled, added);
    }

    // One that this very job superseded counts as standing: else the outcome would depend on which of the job's images came first.
    private Reference? SameImage(ClaimedItem item) => references.Find(r =>
        r.ImageSha256 == item.ImageSha256 && r.Model == item.CollectionModel
        && (r.Stands || (r.SupersededBy == item.JobId && !IsOvertaken(item))));

    private bool IsOvertaken(ClaimedItem item) => references.Exists(r => r.Stands && r.OwnerSeq > item.AcceptSeq);

    private static bool IsFromBefore(Reference r, ClaimedItem item) =>
        r.Stands ? r.OwnerSeq < item.AcceptSeq : r.SupersededBy == item.JobId;

    private void Confirm(ClaimedItem item, Reference same)
    {
        // A later job's confirmation stays: an earlier one that ends after it must not make the reference look older.
        if (IsOvertaken(item)) return;

        if (!same.Stands) (same.SupersededBy, same.ChangedForSearch) = (null, true);
        (same.OwnerSeq, same.Changed) = (item.AcceptSeq, true);
        if (item.JobOptions.OnDuplicate == OnDuplicate.Replace) Supersede(item);
    }

    private void Supersede(ClaimedItem item)
    {
        foreach (var old in references.Where(r => r.Stands && r.OwnerSeq < item.AcceptSeq))
            (old.SupersededBy, old.Changed, old.ChangedForSearch) = (item.JobId, true, true);
    }

    private static bool IsGuarded(ClaimedItem item) =>
        !item.JobOptions.AllowIdentityChange && item.JobOptions.OnDuplicate != OnDuplicate.Reject;

    /// <summary>
    /// Against what was there before the job, whether the job has confirmed it or superseded it by now: else a wrong face would pass
    /// behind a right one.
    /// </summary>
    private double? BestSimilarity(ClaimedItem item, float[] vector) => references
        .Where(r => r.JobId != item.JobId && (r.Stands || r.SupersededBy == item.JobId))
        .Max(r => (double?)calibration.ToSimilarity(TensorPrimitives.Dot<float>(MemoryMarshal.Cast<byte, float>(r.Vector), vector)));
}
