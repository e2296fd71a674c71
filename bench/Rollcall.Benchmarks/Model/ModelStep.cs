using CsCheck;
using Rollcall.Client.Contracts;

namespace Rollcall.Benchmarks.Model;

/// <summary>What somebody does next. Numbers pick among what is there, whatever it is.</summary>
internal abstract record ModelStep
{
    private ModelStep()
    {
    }

    public sealed record Submit(int Collection, ModelGates Gates, IReadOnlyList<(string Person, int Picture)> Images) : ModelStep
    {
        public override string ToString() => $"submit to {Collection}: {Gates} {string.Join(", ", Images.Select(i => $"{i.Person} picture {i.Picture}"))}";
    }

    /// <summary>A worker takes items and looks at their pictures.</summary>
    public sealed record Claim(int Count) : ModelStep;

    /// <summary>Of what the worker ever claimed and did not bring back, some is brought back, in one transaction.</summary>
    public sealed record Complete(IReadOnlyList<int> Picks) : ModelStep
    {
        public override string ToString() => $"complete {string.Join(", ", Picks)}";
    }

    /// <summary>Brought back as failed, whatever the picture is.</summary>
    public sealed record Fail(int Pick) : ModelStep;

    public sealed record Begin(int Pick) : ModelStep;

    /// <summary>The worker works for a while and renews what it has in hand.</summary>
    public sealed record Renew(int Seconds) : ModelStep;

    /// <summary>Where the answer is not heard, the worker goes on with what it has given back.</summary>
    public sealed record GiveBack(int Pick, int Seconds, bool IsHeard) : ModelStep;

    public sealed record Fault(int Pick) : ModelStep;

    /// <summary>The job of something in hand cannot be started at all.</summary>
    public sealed record FailJob(int Pick) : ModelStep;

    public sealed record Rescue : ModelStep;

    /// <summary>The process is killed and started again; what was in hand comes back all the same, from a ghost.</summary>
    public sealed record Restart : ModelStep;

    public sealed record Tick(int Seconds) : ModelStep;

    public sealed record Cancel(int Pick) : ModelStep;

    public sealed record Retry(int Pick, string? Code) : ModelStep;

    public sealed record Undo(int Pick) : ModelStep;

    public sealed record Delete(int Pick) : ModelStep;

    public sealed record Purge : ModelStep;

    public sealed record Erase(int Collection, string Person) : ModelStep;

    public sealed record DeleteFace(int Collection, int Pick) : ModelStep;

    public sealed record BeginSingle(int Collection, ModelGates Gates, string Person, int Picture) : ModelStep;

    public sealed record FinishSingle(int Pick) : ModelStep;

    /// <summary>A search: the index has to be level with what stands.</summary>
    public sealed record Search(int Collection) : ModelStep;
}

/// <summary>Whose step it is, and whether its transaction fails at the moment of its commit.</summary>
internal sealed record ModelTurn(int Worker, bool Breaks, ModelStep Step)
{
    public override string ToString() => $"w{Worker} {(Breaks ? "in vain: " : "")}{Step}";
}

/// <summary>A schedule.</summary>
/// <param name="IsCrowded">The last person has nearly as many references as there may be from the start.</param>
/// <param name="IsSearched">There is a search after each step of a schedule in turn; else the index sleeps from one search to the next.</param>
/// <param name="Turns">What happens.</param>
internal sealed record ModelCase(bool IsCrowded, bool IsSearched, IReadOnlyList<ModelTurn> Turns)
{
    public const int Workers = 3;
    public const string Crowded = "p2";

    // Mostly the same person, the same few pictures and the same collection: rules meet where jobs do.
    private static readonly Gen<string> Person = Gen.Frequency((5, "p0"), (2, "p1"), (1, Crowded));
    private static readonly Gen<int> Picture = Gen.Frequency((2, Gen.Int[0, 3]), (1, Gen.Int[0, ModelPicture.All.Count - 1]));
    private static readonly Gen<int> Collection = Gen.Frequency((5, 0), (1, 1));
    private static readonly Gen<int> Pick = Gen.Int[0, 9];
    private static readonly Gen<bool> Rarely = Gen.Frequency((5, false), (1, true));

    // Replacements are what most can go wrong with.
    private static readonly Gen<OnDuplicate> Mode = Gen.Frequency(
        (4, OnDuplicate.Replace), (2, OnDuplicate.ReplaceIfBetter), (2, OnDuplicate.Append), (1, OnDuplicate.Skip), (1, OnDuplicate.Reject));

    private static readonly Gen<ModelGates> Gates = Gen.Select(
        Mode, Rarely, Gen.Frequency((3, 0.4), (1, 0.65)), Gen.Frequency((2, false), (1, true)), (mode, allow, quality, keep) => new ModelGates(mode, allow, quality, keep));

    private static readonly Gen<string?> Code = Gen.Frequency((2, (string?)null), (1, ErrorCodes.Cancelled), (1, ErrorCodes.FaceNotDetected), (1, ErrorCodes.ModelMismatch));

    // From less than a pause to the life of a job.
    private static readonly Gen<int> Seconds = Gen.Frequency((3, 1), (3, 3), (4, 10), (6, 30), (1, 600), (2, 7 * 24 * 3600));

    private static readonly Gen<ModelStep> Step = Gen.Frequency(
        (6, Gen.Select(Collection, Gates, Gen.Select(Person, Picture).List[1, 4], (c, gates, images) => (ModelStep)new ModelStep.Submit(c, gates, images))),
        (9, Gen.Int[1, 4].Select(n => (ModelStep)new ModelStep.Claim(n))),
        (10, Pick.List[1, 4].Select(picks => (ModelStep)new ModelStep.Complete(picks))),
        (1, Pick.Select(pick => (ModelStep)new ModelStep.Fail(pick))),
        (2, Pick.Select(pick => (ModelStep)new ModelStep.Begin(pick))),
        (4, Gen.Int[0, 3].Select(n => (ModelStep)new ModelStep.Renew(n * 10))),
        (2, Gen.Select(Pick, Gen.Int[0, 2], Gen.Bool, (pick, seconds, heard) => (ModelStep)new ModelStep.GiveBack(pick, seconds, heard))),
        (2, Pick.Select(pick => (ModelStep)new ModelStep.Fault(pick))),
        (1, Pick.Select(pick => (ModelStep)new ModelStep.FailJob(pick))),
        (2, Gen.Const((ModelStep)new ModelStep.Rescue())),
        (1, Gen.Const((ModelStep)new ModelStep.Restart())),
        (4, Seconds.Select(seconds => (ModelStep)new ModelStep.Tick(seconds))),
        (2, Pick.Select(pick => (ModelStep)new ModelStep.Cancel(pick))),
        (2, Gen.Select(Pick, Code, (pick, code) => (ModelStep)new ModelStep.Retry(pick, code))),
        (3, Pick.Select(pick => (ModelStep)new ModelStep.Undo(pick))),
        (1, Pick.Select(pick => (ModelStep)new ModelStep.Delete(pick))),
        (1, Gen.Const((ModelStep)new ModelStep.Purge())),
        (1, Gen.Select(Collection, Person, (c, person) => (ModelStep)new ModelStep.Erase(c, person))),
        (1, Gen.Select(Collection, Pick, (c, pick) => (ModelStep)new ModelStep.DeleteFace(c, pick))),
        (2, Gen.Select(Collection, Gates, Person, Picture, (c, gates, person, picture) => (ModelStep)new ModelStep.BeginSingle(c, gates with { KeepImages = false }, person, picture))),
        (2, Pick.Select(pick => (ModelStep)new ModelStep.FinishSingle(pick))),
        (2, Collection.Select(c => (ModelStep)new ModelStep.Search(c))));

    private static readonly Gen<ModelTurn> Turn = Gen.Select(
        Gen.Frequency((3, Gen.Const(0)), (1, Gen.Int[0, Workers - 1])), Gen.Frequency((11, false), (1, true)), Step, (worker, breaks, step) => new ModelTurn(worker, breaks, step));

    private static readonly Gen<ModelCase> Any = Gen.Select(Gen.Frequency((4, false), (1, true)), Gen.Bool, Turn.List[1, 60], (crowded, searched, turns) => new ModelCase(crowded, searched, turns));

    /// <summary>The same schedule for the same seed.</summary>
    public static ModelCase Of(long seed) => Any.Generate(new PCG(0, (ulong)seed), null, out _);

    public override string ToString() => $"{(IsCrowded ? $"{Crowded} has 98 references\n" : "")}{(IsSearched ? "searches after each step\n" : "")}{string.Join('\n', Turns)}";
}
