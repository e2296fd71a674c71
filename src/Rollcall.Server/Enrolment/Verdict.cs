using System.Text.Json.Nodes;
using Rollcall.Client.Contracts;

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
    }

    public sealed record Failure(string Code, string Message, JsonObject? Details = null) : Verdict;

    /// <summary>Nothing was applied: the image has to be decoded first, or again, for it would be another of its faces by now.</summary>
    public sealed record NeedsDecoding : Verdict;
}
