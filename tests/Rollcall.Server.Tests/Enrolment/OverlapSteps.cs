using CsCheck;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Tests.Enrolment;

/// <summary>What happens next. Numbers pick among what is there, whatever it is.</summary>
internal abstract record OverlapStep
{
    private OverlapStep()
    {
    }

    public sealed record Submit(OnDuplicate Mode, bool AllowIdentityChange, double MinQuality, IReadOnlyList<(int Person, int Picture)> Items) : OverlapStep
    {
        public override string ToString() =>
            $"submit {WireName.Of(Mode)}{(AllowIdentityChange ? " allowing another identity" : "")} from {MinQuality}: {string.Join(", ", Items.Select(i => $"person {i.Person} picture {i.Picture}"))}";
    }

    /// <summary>A worker takes items and looks at their pictures.</summary>
    public sealed record Claim(int Count) : OverlapStep;

    /// <summary>Of what was ever claimed and not yet brought back, some is brought back, in one transaction.</summary>
    public sealed record Complete(IReadOnlyList<int> Picks) : OverlapStep
    {
        public override string ToString() => $"complete {string.Join(", ", Picks)}";
    }

    public sealed record GiveBack(int Pick) : OverlapStep;

    /// <summary>Nobody renews for a whole lease.</summary>
    public sealed record LoseLeases : OverlapStep;

    /// <summary>The process is killed and started again.</summary>
    public sealed record Restart : OverlapStep;

    public sealed record BeginSingle(int Person, int Picture, OnDuplicate Mode, bool AllowIdentityChange) : OverlapStep;

    public sealed record FinishSingle(int Pick) : OverlapStep;

    public sealed record Erase(int Person) : OverlapStep;

    public sealed record DeleteFace(int Pick) : OverlapStep;

    public sealed record Cancel(int Pick) : OverlapStep;

    /// <summary>Of the jobs that are finished, one.</summary>
    public sealed record Undo(int Pick) : OverlapStep;
}

/// <summary>A schedule; the last person has nearly as many references as there may be from the start, if so wished.</summary>
internal sealed record OverlapCase(bool IsCrowded, IReadOnlyList<OverlapStep> Steps)
{
    public const int People = 3;

    /// <summary>Few pictures, so that they come again; most of them of one identity, two of another, two without a face.</summary>
    public static IReadOnlyList<ModelPicture> Pictures { get; } =
    [
        new(0, Who: 0, 0.5), new(1, Who: 0, 0.7), new(2, Who: 0, 0.7), new(3, Who: 0, 0.9), new(4, Who: 0, 0.6), new(5, Who: 0, 0.8),
        new(6, Who: 1, 0.75), new(7, Who: 1, 0.95), new(8, Who: 0, 0, HasFace: false), new(9, Who: 0, 0.45),
    ];

    // Mostly the same person and the same few pictures: rules meet where jobs do.
    private static readonly Gen<int> Person = Gen.Frequency((5, 0), (2, 1), (1, People - 1));
    private static readonly Gen<int> Picture = Gen.Frequency((2, Gen.Int[0, 3]), (1, Gen.Int[0, Pictures.Count - 1]));
    private static readonly Gen<bool> Rarely = Gen.Frequency((5, false), (1, true));

    // Replacements are what most can go wrong with.
    private static readonly Gen<OnDuplicate> Mode = Gen.Frequency(
        (4, OnDuplicate.Replace), (2, OnDuplicate.ReplaceIfBetter), (2, OnDuplicate.Append), (1, OnDuplicate.Skip), (1, OnDuplicate.Reject));

    private static readonly Gen<OverlapStep> Submission = Gen.Select(
        Mode, Rarely, Gen.Frequency((3, 0.4), (1, 0.65)), Gen.Select(Person, Picture).List[1, 4],
        (mode, allow, quality, items) => (OverlapStep)new OverlapStep.Submit(mode, allow, quality, items));

    private static readonly Gen<OverlapStep> Step = Gen.Frequency(
        (6, Submission),
        (7, Gen.Int[1, 4].Select(n => (OverlapStep)new OverlapStep.Claim(n))),
        (9, Gen.Int[0, 9].List[1, 3].Select(picks => (OverlapStep)new OverlapStep.Complete(picks))),
        (1, Gen.Int[0, 9].Select(pick => (OverlapStep)new OverlapStep.GiveBack(pick))),
        (1, Gen.Const((OverlapStep)new OverlapStep.LoseLeases())),
        (1, Gen.Const((OverlapStep)new OverlapStep.Restart())),
        (2, Gen.Select(Person, Picture, Mode, Rarely, (person, picture, mode, allow) => (OverlapStep)new OverlapStep.BeginSingle(person, picture, mode, allow))),
        (2, Gen.Int[0, 9].Select(pick => (OverlapStep)new OverlapStep.FinishSingle(pick))),
        (1, Person.Select(person => (OverlapStep)new OverlapStep.Erase(person))),
        (1, Gen.Int[0, 9].Select(pick => (OverlapStep)new OverlapStep.DeleteFace(pick))),
        (1, Gen.Int[0, 9].Select(pick => (OverlapStep)new OverlapStep.Cancel(pick))),
        (2, Gen.Int[0, 9].Select(pick => (OverlapStep)new OverlapStep.Undo(pick))));

    public static Gen<OverlapCase> Any { get; } = Gen.Select(Gen.Frequency((4, false), (1, true)), Step.List[1, 40], (crowded, steps) => new OverlapCase(crowded, steps));

    public string Print() => $"{(IsCrowded ? "the last person has 98 references\n" : "")}{string.Join('\n', Steps)}";
}
