using System.Text.Json.Nodes;
using Rollcall.Faces;

namespace Rollcall.Server.Enrolment;

/// <summary>What working on an item came to, before the rules for its external id are applied under their lock.</summary>
internal abstract record ItemResult
{
    private ItemResult()
    {
    }

    /// <summary>How one of several faces was taken for the person's, by the references that the look found; null where there was no choice.</summary>
    public FaceChoice? Choice { get; init; }

    public sealed record Embedded(FaceBox Box, double Quality, float[] Vector) : ItemResult
    {
        public static Embedded Of(FaceAnalysis.Found found) => new(found.Face.Box, found.Face.Quality.Score, found.Embedding) { Choice = found.Choice };
    }

    /// <summary>What stands for this person seems to decide without a look at the picture.</summary>
    public sealed record NotDecoded : ItemResult;

    public sealed record Failed(string Code, string Message, JsonObject? Details = null) : ItemResult
    {
        public double? Quality { get; init; }

        public FaceBox? Box { get; init; }

        /// <summary>
        /// A look at the picture said so. What stands for the person by the time of the commit may decide all the same, as it would have
        /// done without a look: else the outcome would depend on who was faster.
        /// </summary>
        public bool IsOfPicture { get; init; }
    }

    /// <summary>Not a result: something that passes was in the way. The item goes back to the queue.</summary>
    public sealed record Retry(TimeSpan Pause) : ItemResult;

    /// <summary>Not a result: the handler failed on it. It goes back to be tried alone, and not for ever.</summary>
    public sealed record Fault : ItemResult;
}

/// <summary>What became of a completion.</summary>
internal enum Completion
{
    Committed,

    /// <summary>The lease was lost: the work is thrown away, somebody else does it.</summary>
    LeaseLost,

    /// <summary>The image that was taken for the same no longer stands, or the references by which a face was chosen are others: it has to be looked at (again).</summary>
    NeedsDecoding,
}
