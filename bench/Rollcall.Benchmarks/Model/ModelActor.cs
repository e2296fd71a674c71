using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;

namespace Rollcall.Benchmarks.Model;

/// <summary>One call of the stores that is over: what was answered, where it stands in the order of commits, and the model's answer to be held against it.</summary>
internal sealed record Deed(string What, long? Commit, Action<QueueModel> Replay)
{
    /// <summary>Its transaction failed at the end.</summary>
    public bool WasInVain { get; init; }
}

/// <summary>Whoever else was there: the jobs that were accepted, in some order.</summary>
internal sealed class Acquaintance
{
    private readonly Lock _lock = new();
    private readonly List<(ModelCollection Collection, string Id)> _jobs = [];

    public void Add(ModelCollection collection, string job)
    {
        lock (_lock) _jobs.Add((collection, job));
    }

    public (ModelCollection Collection, string Id)? Pick(int pick)
    {
        lock (_lock) return _jobs.Count == 0 ? null : _jobs[pick % _jobs.Count];
    }
}

/// <summary>
/// A worker and a caller in one: it takes steps against the stores, and knows only what it was told.
/// </summary>
internal sealed partial class ModelActor(Stores stores, QueueModel model, Acquaintance known, string name)
{
    public const string Metadata = """{"n":1}""";

    // What was claimed and not brought back yet, by those too that have lost it meanwhile.
    private readonly List<(ClaimedItem Item, ItemResult Result)> _held = [];
    private readonly List<Single> _singles = [];
    private readonly IReadOnlyList<ModelCollection> _collections = model.Collections;

    /// <summary>Nobody else does anything at the same time, so that what was read before a transaction still holds in it.</summary>
    public bool IsAlone { get; set; }

    public bool HasSingles => _singles.Count > 0;

    /// <summary>What was done. Nothing when there was nothing to do it with.</summary>
    public async IAsyncEnumerable<Deed> TakeAsync(ModelTurn turn)
    {
        if (turn.Step is ModelStep.Submit or ModelStep.Retry) yield return await TickAsync(1); // job ids sort by their time
        if (turn.Step is ModelStep.Renew { Seconds: > 0 } renew) yield return await TickAsync(renew.Seconds * 1000L);

        Deed? deed;
        try
        {
            deed = await DoAsync(turn.Step, turn.Breaks);
        }
        catch (Exception e) when (turn.Breaks && CommitWatch.IsBroken(e))
        {
            deed = new Deed($"{turn}", null, _ => { }) { WasInVain = true };
        }

        if (deed is not null) yield return deed;
    }

    /// <summary>All that is in hand is brought back.</summary>
    public ModelStep BringAll() => new ModelStep.Complete([.. Enumerable.Range(0, _held.Count)]);

    private Task<Deed?> DoAsync(ModelStep step, bool breaks) => step switch
    {
        ModelStep.Submit submit => SubmitAsync(submit, breaks),
        ModelStep.Claim claim => ClaimAsync(claim.Count, breaks),
        ModelStep.Complete complete => CompleteAsync(Pick(complete.Picks), breaks),
        ModelStep.Fail fail => CompleteAsync([.. Pick([fail.Pick]).Select(one => (one.Item, (ItemResult)new ItemResult.Failed(ErrorCodes.ProcessingError, "")))], breaks),
        ModelStep.Begin begin => WithHeldAsync(begin.Pick, item => BeginAsync(item, breaks)),
        ModelStep.Renew => RenewAsync(breaks),
        ModelStep.GiveBack back => WithHeldAsync(back.Pick, item => GiveBackAsync(item, back, breaks)),
        ModelStep.Fault fault => WithHeldAsync(fault.Pick, item => FaultAsync(item, breaks)),
        ModelStep.FailJob fail => WithHeldAsync(fail.Pick, item => FailJobAsync(item.JobId, breaks)),
        ModelStep.Rescue => RescueAsync(breaks),
        ModelStep.Restart => RestartAsync(breaks),
        ModelStep.Tick tick => Some(TickAsync(tick.Seconds * 1000L)),
        ModelStep.Cancel cancel => WithJobAsync(cancel.Pick, (c, job) => CancelAsync(c, job, breaks)),
        ModelStep.Retry retry => WithJobAsync(retry.Pick, (c, job) => RetryAsync(c, job, retry.Code, breaks)),
        ModelStep.Undo undo => WithJobAsync(undo.Pick, (c, job) => UndoAsync(c, job, breaks)),
        ModelStep.Delete delete => WithJobAsync(delete.Pick, (c, job) => DeleteAsync(c, job, breaks)),
        ModelStep.Purge => PurgeAsync(breaks),
        ModelStep.Erase erase => EraseAsync(erase.Collection, erase.Person, breaks),
        ModelStep.DeleteFace delete => DeleteFaceAsync(delete.Collection, delete.Pick, breaks),
        ModelStep.BeginSingle single => BeginSingleAsync(single, breaks),
        ModelStep.FinishSingle finish => FinishSingleAsync(finish.Pick, breaks),
        ModelStep.Search search => SearchAsync(search.Collection),
        _ => throw new InvalidOperationException($"{step}"),
    };

    private async Task<Deed?> ClaimAsync(int count, bool breaks)
    {
        var (handsFree, isAlone) = (_held.Count == 0, IsAlone);
        var (claim, commit) = await stores.Watch.RunAsync(() => stores.Queue.ClaimAsync(name, count, handsFree, CancellationToken.None), breaks);
        foreach (var item in claim.Items) _held.Add((item, await LookAsync(item)));

        var seen = claim.Items.Select(item =>
            $"{item.ItemId} of {item.ExternalId} {item.ImageSha256} upload {item.Blob} place {item.AcceptSeq} suspect {item.Suspect} crashes {item.Crashes} decode {item.Decode}").ToList();
        var isSuspect = claim.Items is [{ Suspect: true }];
        return new Deed($"{name} claims {count}{(handsFree ? "" : " with something in hand")}: {string.Join(", ", claim.Items.Select(item => item.Key))}", commit, model =>
        {
            if (isAlone)
            {
                var (waits, items) = model.Claim(name, count, handsFree);
                Complaint.Unless(waits, claim.SuspectWaits, "a suspect waits");
                Complaint.UnlessSame(items, seen, "claimed");
            }
            else if (seen.Count > 0) // whether suspects are there was read before: another may have been faster
            {
                Complaint.UnlessSame(model.Lease(name, count, isSuspect), seen, "claimed");
            }

            foreach (var item in claim.Items) Complaint.Unless(true, model.Number(item.Key), $"{item.Key} is above the fences before it");
        });
    }

    /// <summary>What the processor does, but for the picture itself.</summary>
    private async Task<ItemResult> LookAsync(ClaimedItem item)
    {
        if (item.Crashes >= stores.Options.MaxCrashes) return new ItemResult.Failed(ErrorCodes.ProcessingError, "");
        if (!item.Decode && await stores.Queue.IsDecidedAsync(item, CancellationToken.None)) return new ItemResult.NotDecoded();

        var picture = ModelPicture.Of(item.ImageSha256);
        if (!picture.HasFace) return new ItemResult.Failed(ErrorCodes.FaceNotDetected, "") { IsOfPicture = true };
        return picture.Quality < item.JobOptions.MinQuality ? new ItemResult.Failed(ErrorCodes.FaceQualityTooLow, "") { IsOfPicture = true } : Face(picture);
    }

    private async Task<Deed?> CompleteAsync(IReadOnlyList<(ClaimedItem Item, ItemResult Result)> group, bool breaks)
    {
        if (group.Count == 0) return null;

        var (answers, commit) = await stores.Watch.RunAsync(
            () => stores.Queue.CompleteAsync([.. group.Select(one => new FinishedItem(one.Item, one.Result))], stores.Pack.Calibration, CancellationToken.None), breaks);
        foreach (var one in group) _held.RemoveAll(held => held.Item.Key == one.Item.Key);
        return new Deed(
            $"{name} completes {string.Join(", ", group.Select((one, i) => $"{one.Item.Key} {one.Result.GetType().Name} {answers[i]}"))}",
            commit,
            model => Complaint.UnlessSame(model.Complete([.. group.Select(one => (one.Item.Key, KindOf(one.Result)))]), answers, "completed"));

        static Looked KindOf(ItemResult result) => result switch
        {
            ItemResult.NotDecoded => Looked.Not,
            ItemResult.Failed { IsOfPicture: false } => Looked.AndFailed,
            _ => Looked.AtThePicture,
        };
    }

    private async Task<Deed?> BeginAsync(ClaimedItem item, bool breaks)
    {
        var (may, commit) = await stores.Watch.RunAsync(() => stores.Queue.BeginAsync(item, CancellationToken.None), breaks);
        return new Deed($"{name} begins {item.Key}: {may}", commit, model => Complaint.Unless(model.Begin(item.Key), may, "may begin"));
    }

    private async Task<Deed?> RenewAsync(bool breaks)
    {
        var keys = _held.ConvertAll(one => one.Item.Key);
        var (kept, commit) = await stores.Watch.RunAsync(() => stores.Queue.RenewAsync(name, keys, CancellationToken.None), breaks);
        return new Deed($"{name} renews {string.Join(", ", keys)}: {string.Join(", ", kept)}", commit, model =>
            Complaint.UnlessSame(model.Renew(name, keys), kept.OrderBy(key => key.ItemId, StringComparer.Ordinal), "renewed"));
    }

    private async Task<Deed?> GiveBackAsync(ClaimedItem item, ModelStep.GiveBack step, bool breaks)
    {
        var pause = TimeSpan.FromSeconds(step.Seconds);
        var commit = await RunAsync(() => stores.Queue.GiveBackAsync(item, pause, CancellationToken.None), breaks);
        if (step.IsHeard) _held.RemoveAll(one => one.Item.Key == item.Key);
        return new Deed($"{name} gives {item.Key} back for {pause}", commit, model => model.GiveBack(item.Key, (long)pause.TotalMilliseconds));
    }

    private async Task<Deed?> FaultAsync(ClaimedItem item, bool breaks)
    {
        var commit = await RunAsync(() => stores.Queue.GiveBackFaultyAsync(item, CancellationToken.None), breaks);
        _held.RemoveAll(one => one.Item.Key == item.Key);
        return new Deed($"{name} gives {item.Key} back faulty", commit, model => model.Fault(item.Key));
    }

    private async Task<Deed?> FailJobAsync(string job, bool breaks)
    {
        var (failed, commit) = await stores.Watch.RunAsync(() => stores.Queue.FailJobAsync(job, ErrorCodes.ModelMismatch, "", CancellationToken.None), breaks);
        return new Deed($"{name} fails {job}: {failed}", commit, model => Complaint.Unless(model.FailJob(job, ErrorCodes.ModelMismatch), failed, "failed as a whole"));
    }

    private async Task<Deed?> RescueAsync(bool breaks)
    {
        var (count, commit) = await stores.Watch.RunAsync(() => stores.Queue.RescueExpiredAsync(CancellationToken.None), breaks);
        return new Deed($"rescue: {count}", commit, model => Complaint.Unless(model.Rescue(), count, "rescued"));
    }

    private async Task<Deed?> RestartAsync(bool breaks)
    {
        var (count, commit) = await stores.Watch.RunAsync(() => stores.Queue.RescueAllAsync(CancellationToken.None), breaks);
        return new Deed($"restart: {count}", commit, model => Complaint.Unless(model.Restart(), count, "in hand at the restart"));
    }

    /// <summary>Time passes between two transactions and never within one.</summary>
    private async Task<Deed> TickAsync(long milliseconds)
    {
        var commit = await RunAsync(
            () => stores.Database.WriteAsync(
                _ =>
                {
                    stores.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
                    return Task.CompletedTask;
                },
                CancellationToken.None),
            breaks: false);
        return new Deed($"{milliseconds} ms pass", commit, model => model.Tick(milliseconds));
    }

    private Task<Deed?> WithHeldAsync(int pick, Func<ClaimedItem, Task<Deed?>> with) => _held.Count == 0 ? Task.FromResult<Deed?>(null) : with(_held[pick % _held.Count].Item);

    private Task<Deed?> WithJobAsync(int pick, Func<ModelCollection, string, Task<Deed?>> with) =>
        known.Pick(pick) is var (collection, job) ? with(collection, job) : Task.FromResult<Deed?>(null);

    private List<(ClaimedItem Item, ItemResult Result)> Pick(IReadOnlyList<int> picks) =>
        _held.Count == 0 ? [] : [.. picks.Select(pick => pick % _held.Count).Distinct().Select(i => _held[i])];

    private async Task<long?> RunAsync(Func<Task> call, bool breaks)
    {
        var (_, commit) = await stores.Watch.RunAsync(
            async () =>
            {
                await call();
                return true;
            },
            breaks);
        return commit;
    }

    private static async Task<Deed?> Some(Task<Deed> deed) => await deed;

    private JobOptions OptionsOf(ModelGates gates) => new()
    {
        OnDuplicate = gates.Mode,
        MultipleFaces = MultipleFaces.Reject,
        MinQuality = gates.MinQuality,
        AllowIdentityChange = gates.AllowIdentityChange,
        IdentityGuard = stores.Pack.Calibration.IdentityGuard,
        KeepImages = gates.KeepImages,
    };

    private ItemResult.Embedded Face(ModelPicture picture) => new(new FaceBox(0.1, 0.1, 0.5, 0.5), picture.Quality, Vector(picture.Who));

    private float[] Vector(int who)
    {
        var vector = new float[stores.Pack.Dimensions];
        vector[who] = 1;
        return vector;
    }
}
