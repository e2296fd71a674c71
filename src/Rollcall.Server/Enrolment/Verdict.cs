using System.Text.Json.Nodes;
using Rollcall.Client.Contracts;
using Rollcall.Server.Audit;

namespace Rollcall.Server.Enrolment;

/// <summary>How an item ends by the rules for its external id.</summary>
internal abstract record Verdict
{
    private Verdict()
    {
    }

    /// <summary>It ends well, and <paramref name="Standing"/> is the reference that now stands for it.</summary>
    public sealed record Success(ItemOutcome Outcome, Reference Standing) : Verdict
    {
        /// <summary>The best quality score that stood before, where it was to be bettered.</summary>
        public double? ExistingQuality { get; init; }

        /// <summary>References that gave way to it.</summary>
        public int Superseded { get; init; }

        /// <summary>It had given way to another image of its job, and stands again.</summary>
        public bool StandsAgain { get; init; }
    }

    public sealed record Failure(string Code, string Message, JsonObject? Details = null) : Verdict;

    /// <summary>Nothing was applied: the image has to be decoded first, or again, for it would be another of its faces by now.</summary>
    public sealed record NeedsDecoding : Verdict;

    /// <summary>What the audit log has of it; null when nobody's references changed.</summary>
    public AuditEvent? ToEvent(ClaimedItem item)
    {
        if (this is not Success success) return null;
        var action = success.Outcome switch
        {
            ItemOutcome.Enrolled => AuditActions.FaceEnrolled,
            ItemOutcome.Replaced => AuditActions.FaceReplaced,
            _ when success.Superseded > 0 || success.StandsAgain => AuditActions.FaceConfirmed,
            _ => null,
        };
        if (action is null) return null;

        var details = new JsonObject { ["superseded"] = success.Superseded };
        if (!item.IsSingle) (details["job_id"], details["index"]) = (item.JobId, item.ItemIndex);
        return AuditEvent.OfFace(action, item.CollectionId, success.Standing.Id, item.ExternalId) with { Details = details };
    }
}
