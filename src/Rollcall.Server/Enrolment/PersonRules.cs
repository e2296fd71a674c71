using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Faces.Models;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Enrolment;

/// <summary>
/// The rules for one external id, over the person's references as they were read under the person's lock.
/// </summary>
/// <remarks>
/// 0. Who is suppressed is enrolled by nothing, whatever the picture shows.
/// 1. The very same image, standing: it is confirmed, whatever the mode; nothing is decoded.
/// 2. References of a later accepted job: that job wins, the item is skipped.
/// 3. References from before the job decide for <c>skip</c> and <c>reject</c>; neither needs the picture.
/// 4. What was there before the job still has to choose the same of several faces; it guards the identity and, for
///    <c>replace_if_better</c>, is to be bettered.
/// 5. A replacement supersedes what stands with the job's first success for the person; the other modes add to it. The job's own
///    references all stand.
/// </remarks>
internal sealed class PersonRules(Person person, ScoreCalibration calibration, TimeProvider time)
{
    private readonly List<Reference> _references = person.References;

    private const int MostReferences = 100;

    public static Verdict.Failure Suppressed { get; } =
        new(ErrorCodes.Suppressed, "This person was erased and is not to be enrolled again, until whoever manages the collection lifts that.");

    /// <summary>Applies one item; without a result it has not been decoded. What it changes is marked on the references, new ones are added to the list.</summary>
    public Verdict Apply(ClaimedItem item, ItemResult.Embedded? result)
    {
        // 0
        if (person.IsSuppressed) return Suppressed;

        // 1
        if (SameImage(item) is { } same)
        {
            return Confirm(item, same);
        }

        // 2
        if (_references.Where(r => r.Stands && r.OwnerSeq > item.AcceptSeq).MaxBy(r => r.QualityScore) is { } later)
            return new Verdict.Success(ItemOutcome.Skipped, later);

        // 3
        var mode = item.JobOptions.OnDuplicate;
        var before = _references.Where(r => IsFromBefore(r, item)).MaxBy(r => r.QualityScore);
        if (before is not null && mode == OnDuplicate.Skip) return new Verdict.Success(ItemOutcome.Skipped, before);
        if (before is not null && mode == OnDuplicate.Reject)
            return new Verdict.Failure(ErrorCodes.DuplicateExternalId, "This external id is enrolled already, and duplicates were to be rejected.");

        if (result is null) return new Verdict.NeedsDecoding();

        // 4
        if (!StillChooses(item, result.Choice)) return new Verdict.NeedsDecoding();
        var known = Known(item);
        if (Mismatch(item, known, result.Vector) is { } mismatch) return mismatch;
        double? toBetter = mode == OnDuplicate.ReplaceIfBetter && known.Count > 0 ? known.Max(r => r.QualityScore) : null;
        if (result.Quality <= toBetter && _references.Where(r => r.Stands).MaxBy(r => r.QualityScore) is { } kept)
            return new Verdict.Success(ItemOutcome.Kept, kept) { ExistingQuality = toBetter };
        if (mode == OnDuplicate.Append && _references.Count(r => r.Stands) >= MostReferences)
            return new Verdict.Failure(ErrorCodes.TooManyReferences, $"A person has at most {MostReferences} references: replace them, or delete some.");

        // 5
        var superseded = mode is OnDuplicate.Replace or OnDuplicate.ReplaceIfBetter ? Supersede(item) : 0;
        var added = new Reference
        {
            Id = Ids.New("face_", time),
            PersonNum = person.Num,
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
        _references.Add(added);
        var replaced = before is not null && mode != OnDuplicate.Append;
        return new Verdict.Success(replaced ? ItemOutcome.Replaced : ItemOutcome.Enrolled, added) { ExistingQuality = toBetter, Superseded = superseded };
    }

    /// <summary>Whether the person's references choose the same face as those that the look at the picture went by: others may have come and gone since.</summary>
    public bool StillChooses(ClaimedItem item, FaceChoice? choice) =>
        choice?.HoldsFor(Known(item).ConvertAll(r => MemoryMarshal.Cast<byte, float>(r.Vector).ToArray())) != false;

    // As KnownFaces reads it for the look.
    private List<Reference> Known(ClaimedItem item) => [.. _references.Where(r => r.JobId != item.JobId && (r.Stands || r.SupersededBy == item.JobId))];

    // One that this very job superseded counts as standing: else the outcome would depend on which of the job's images came first.
    private Reference? SameImage(ClaimedItem item) => _references.Find(r =>
        r.ImageSha256 == item.ImageSha256 && r.Model == item.CollectionModel
        && (r.Stands || (r.SupersededBy == item.JobId && !IsOvertaken(item))));

    private bool IsOvertaken(ClaimedItem item) => _references.Exists(r => r.Stands && r.OwnerSeq > item.AcceptSeq);

    // One whose image the job carries is confirmed by the job, sooner or later: it is not from before, whichever item runs first.
    private bool IsFromBefore(Reference r, ClaimedItem item) =>
        r.JobId != item.JobId && (r.Stands || r.SupersededBy == item.JobId) && !person.Images.Contains((item.JobId, r.ImageSha256));

    private Verdict.Success Confirm(ClaimedItem item, Reference same)
    {
        // A later job's confirmation stays: an earlier one that ends after it must not make the reference look older.
        var isOvertaken = IsOvertaken(item);
        var standsAgain = !same.Stands;
        if (standsAgain) (same.SupersededBy, same.ChangedForSearch) = (null, true);
        (same.OwnerSeq, same.Changed) = (Math.Max(same.OwnerSeq, item.AcceptSeq), true);
        var superseded = item.JobOptions.OnDuplicate == OnDuplicate.Replace && !isOvertaken ? Supersede(item) : 0;
        return new Verdict.Success(ItemOutcome.Unchanged, same) { Superseded = superseded, StandsAgain = standsAgain };
    }

    private int Supersede(ClaimedItem item)
    {
        var old = _references.FindAll(r => r.Stands && r.OwnerSeq < item.AcceptSeq);
        foreach (var one in old) (one.SupersededBy, one.Changed, one.ChangedForSearch) = (item.JobId, true, true);
        return old.Count;
    }

    /// <summary>
    /// Against all that was there before the job, whether the job has confirmed it or superseded it by now: else a wrong face would pass
    /// behind a right one.
    /// </summary>
    private Verdict.Failure? Mismatch(ClaimedItem item, List<Reference> known, float[] vector)
    {
        if (item.JobOptions.AllowIdentityChange || known.Count == 0) return null;
        if (item.JobOptions.OnDuplicate is OnDuplicate.Skip or OnDuplicate.Reject) return null;

        var best = known.Max(r => calibration.ToSimilarity(TensorPrimitives.Dot<float>(MemoryMarshal.Cast<byte, float>(r.Vector), vector)));
        return best >= item.JobOptions.IdentityGuard ? null : new Verdict.Failure(
            ErrorCodes.IdentityMismatch,
            "The face does not look like the person who is enrolled under this external id. If it is right, submit it with allow_identity_change.",
            new JsonObject { ["similarity"] = Math.Round(best, 4) });
    }
}
