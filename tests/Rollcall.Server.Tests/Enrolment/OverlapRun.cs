using Dapper;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Faces.Models;
using Rollcall.Server.Batches;
using Rollcall.Server.Collections;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Faces;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Enrolment;

/// <summary>One schedule, against the real store and queue and against the model, in a collection of its own. The test is the worker.</summary>
internal sealed partial class OverlapRun(TestHost host, FakeTimeProvider time)
{
    private const string Worker = "overlap";
    private const string Organization = "org_overlap";
    private static readonly ScoreCalibration Calibration = ModelPack.Standard.Calibration;

    private string _collection = "";
    private readonly PersonModel _model = new();
    private readonly List<ModelJob> _jobs = [];
    private readonly WorkQueue _queue = host.Get<WorkQueue>();
    private readonly Database _database = host.Get<Database>();

    // What was claimed and not brought back yet, by those too that have lost it meanwhile; and the fence of each living lease.
    private readonly List<(ClaimedItem Item, ItemResult Result)> _held = [];
    private readonly Dictionary<string, long> _leases = new(StringComparer.Ordinal);
    private readonly List<(ClaimedItem Item, ModelItem Model)> _singles = [];
    private long _accepted;

    public async Task RunAsync(OverlapCase schedule)
    {
        await PrepareAsync(schedule.IsCrowded);
        await CheckAsync("the start");
        foreach (var step in schedule.Steps)
        {
            await TakeAsync(step);
            await CheckAsync($"{step}");
        }

        await DrainAsync();
        await CheckEndAsync();
    }

    private static string Person(int number) => $"p{number}";

    private Task TakeAsync(OverlapStep step) => step switch
    {
        OverlapStep.Submit submit => SubmitAsync(submit),
        OverlapStep.Claim claim => ClaimAsync(claim.Count),
        OverlapStep.Complete complete => CompleteAsync(Pick(complete.Picks)),
        OverlapStep.GiveBack back => GiveBackAsync(Pick([back.Pick])),
        OverlapStep.LoseLeases => LoseLeasesAsync(),
        OverlapStep.Restart => RestartAsync(),
        OverlapStep.BeginSingle single => BeginSingleAsync(single),
        OverlapStep.FinishSingle finish => _singles.Count == 0 ? Task.CompletedTask : FinishSingleAsync(finish.Pick % _singles.Count),
        OverlapStep.Erase erase => EraseAsync(Person(erase.Person)),
        OverlapStep.DeleteFace delete => DeleteFaceAsync(delete.Pick),
        OverlapStep.Cancel cancel => CancelAsync(cancel.Pick),
        OverlapStep.Undo undo => UndoAsync(undo.Pick),
        _ => throw new InvalidOperationException($"{step}"),
    };

    private async Task SubmitAsync(OverlapStep.Submit step)
    {
        time.Advance(TimeSpan.FromMilliseconds(1)); // job ids sort by their time
        var job = new ModelJob(++_accepted, step.Mode, step.AllowIdentityChange, step.MinQuality) { Id = Guid.CreateVersion7(time.GetUtcNow()).ToString() };
        var items = new List<SubmittedItem>();
        foreach (var (person, picture) in step.Items)
        {
            var shown = OverlapCase.Pictures[picture];
            job.Items.Add(new ModelItem(job, items.Count, shown) { Person = Person(person) });

            // The upload is named and never read: what the picture shows is known.
            items.Add(new SubmittedItem(Person(person), null, new StoredBlob($"{job.Id}/{items.Count:D3}", 1, shown.Sha256), null));
        }

        _jobs.Add(job);
        var created = await host.Get<BatchStore>().CreateAsync(
            Organization, _collection, new BatchSubmission(job.Id, items, Options(job), ""), null, CancellationToken.None);
        Assert.Equal(Creation.Created, created);
    }

    private async Task ClaimAsync(int count)
    {
        var isWaiting = _jobs.SelectMany(job => job.Items).Any(item => item.End is null && !_leases.ContainsKey(Id(item)));
        var claim = await _queue.ClaimAsync(Worker, count, handsFree: true, CancellationToken.None);

        Assert.Equal(isWaiting, claim.Items.Count > 0);
        Assert.InRange(claim.Items.Count, 0, count);
        foreach (var item in claim.Items)
        {
            Assert.Null(Item(item.ItemId).End);
            Assert.True(_leases.TryAdd(item.ItemId, item.Fence), "It is given out twice.");
            _held.Add((item, await LookAsync(item)));
        }
    }

    /// <summary>What the processor does, but for the picture itself.</summary>
    private async Task<ItemResult> LookAsync(ClaimedItem item)
    {
        if (!item.Decode && await _queue.IsDecidedAsync(item, CancellationToken.None)) return new ItemResult.NotDecoded();

        var picture = Item(item.ItemId).Picture;
        if (!picture.HasFace) return new ItemResult.Failed(ErrorCodes.FaceNotDetected, "") { IsOfPicture = true };
        return picture.Quality < item.JobOptions.MinQuality ? new ItemResult.Failed(ErrorCodes.FaceQualityTooLow, "") { IsOfPicture = true } : Face(picture);
    }

    private async Task CompleteAsync(IReadOnlyList<(ClaimedItem Item, ItemResult Result)> group)
    {
        if (group.Count == 0) return;

        var isHeld = group.ToDictionary(one => one.Item.Key, one => _leases.GetValueOrDefault(one.Item.ItemId, -1) == one.Item.Fence);
        var expected = new Dictionary<LeaseKey, Completion>();
        foreach (var (item, result) in group.OrderBy(one => one.Item.ItemId, StringComparer.Ordinal))
        {
            expected[item.Key] = Completion.LeaseLost;
            if (!isHeld[item.Key]) continue;

            var known = Item(item.ItemId);
            known.End = _model.Apply(known, isSeen: result is not ItemResult.NotDecoded);
            expected[item.Key] = known.End is null ? Completion.NeedsDecoding : Completion.Committed;
            Release(item.ItemId);
        }

        var answers = await _queue.CompleteAsync([.. group.Select(one => new FinishedItem(one.Item, one.Result))], Calibration, CancellationToken.None);

        Assert.Equal(group.Select(one => expected[one.Item.Key]), answers);
        _held.RemoveAll(group.Contains);
    }

    private async Task GiveBackAsync(IReadOnlyList<(ClaimedItem Item, ItemResult Result)> group)
    {
        foreach (var one in group)
        {
            await _queue.GiveBackAsync(one.Item, TimeSpan.Zero, CancellationToken.None);
            if (_leases.GetValueOrDefault(one.Item.ItemId, -1) == one.Item.Fence) Release(one.Item.ItemId);
        }
    }

    /// <summary>A lease has ended; what is not final with it waits again, unless its job was cancelled.</summary>
    private void Release(string itemId)
    {
        _leases.Remove(itemId);
        var item = Item(itemId);
        if (item.Job.IsCancelled) item.End ??= new ModelEnd(ErrorCodes.Cancelled, []);
    }

    private async Task LoseLeasesAsync()
    {
        time.Advance(new QueueOptions().Lease);
        Assert.Equal(_leases.Count, await _queue.RescueExpiredAsync(CancellationToken.None));
        foreach (var item in _leases.Keys.ToList()) Release(item);
    }

    private async Task RestartAsync()
    {
        Assert.Equal(_leases.Count, await _queue.RescueAllAsync(CancellationToken.None));
        foreach (var item in _leases.Keys.ToList()) Release(item);
    }

    private async Task BeginSingleAsync(OverlapStep.BeginSingle step)
    {
        var job = new ModelJob(++_accepted, step.Mode, step.AllowIdentityChange, 0.4, IsSingle: true);
        var known = new ModelItem(job, 0, OverlapCase.Pictures[step.Picture]) { Person = Person(step.Person) };
        var single = host.Get<SingleEnrolment>();
        var item = await single.AcceptAsync(
            Organization, await CollectionAsync(), new SingleRequest(known.Person, null, Options(job)), 1, known.Picture.Sha256, CancellationToken.None);

        Assert.Equal(_accepted, item!.AcceptSeq);
        known.End = _model.Apply(known, isSeen: false);
        CheckSingle(known.End, await single.ApplyAsync(item, null, CancellationToken.None));
        if (known.End is null) _singles.Add((item, known));
    }

    private async Task FinishSingleAsync(int number)
    {
        var (item, known) = _singles[number];
        _singles.RemoveAt(number);
        if (!known.Picture.HasFace) return; // it is answered before the rules are asked again

        known.End = _model.Apply(known, isSeen: true);
        CheckSingle(known.End, await host.Get<SingleEnrolment>().ApplyAsync(item, Face(known.Picture), CancellationToken.None));
    }

    private async Task EraseAsync(string person)
    {
        var receipt = await host.Get<FaceErasure>().ErasePersonAsync(Organization, _collection, person);

        var items = _jobs.SelectMany(job => job.Items).Where(item => item.Person == person).ToList();
        Assert.Equal(items.Count + _model.All.Count(r => r.Person == person) > 0, receipt is not null);
        if (receipt is not null)
        {
            Assert.Equal(_model.Standing(person).Count(), receipt.Faces);
            Assert.Equal(_model.All.Count(r => r.Person == person && !r.Stands), receipt.SupersededFaces);
            Assert.Equal(items.Count(item => item.End is null), receipt.EndedItems);
        }

        _model.Erase(person);
        foreach (var item in items)
        {
            if (item.End is null) _leases.Remove(Id(item));
            item.End ??= new ModelEnd(ErrorCodes.Erased, []);
            item.Person = null;
        }
    }

    private async Task DeleteFaceAsync(int pick)
    {
        var standing = _model.All.Where(r => r.Stands).ToList();
        if (standing.Count == 0) return;

        var face = standing[pick % standing.Count];
        Assert.NotNull(await host.Get<FaceErasure>().DeleteFaceAsync(Organization, _collection, face.FaceId));
        _model.Delete(face);
    }

    private async Task CancelAsync(int pick)
    {
        if (_jobs.Count == 0) return;

        var job = _jobs[pick % _jobs.Count];
        Assert.True(await _queue.CancelAsync(Organization, _collection, job.Id, CancellationToken.None));
        job.IsCancelled |= job.Items.Exists(item => item.End is null);
        foreach (var item in job.Items.Where(item => !_leases.ContainsKey(Id(item)) && job.IsCancelled)) item.End ??= new ModelEnd(ErrorCodes.Cancelled, []);
    }

    private async Task UndoAsync(int pick)
    {
        var finished = _jobs.FindAll(job => job.Items.TrueForAll(item => item.End is not null));
        if (finished.Count == 0) return;

        var job = finished[pick % finished.Count];
        (await host.Get<JobUndo>().UndoAsync(Organization, _collection, job.Id)).IsRefused(out var problem, out var undone);
        Assert.Null(problem);
        Assert.Equal(_model.Undo(job), (undone!.Restored, undone.Removed, string.Join(' ', undone.Left.Select(item => item.Index))));
    }

    /// <summary>All comes to an end, whatever the schedule left open.</summary>
    private async Task DrainAsync()
    {
        while (_singles.Count > 0)
        {
            await FinishSingleAsync(0);
            await CheckAsync("the end of a single enrolment");
        }

        while (_jobs.Exists(job => job.Items.Exists(item => item.End is null)))
        {
            await CompleteAsync([.. _held]);
            await CheckAsync("the end");
            await ClaimAsync(100);
        }
    }

    private List<(ClaimedItem Item, ItemResult Result)> Pick(IReadOnlyList<int> picks) =>
        _held.Count == 0 ? [] : [.. picks.Select(pick => pick % _held.Count).Distinct().Select(i => _held[i])];

    private static string Id(ModelItem item) => $"{item.Job.Id}/{item.Index:D3}";

    private ModelItem Item(string itemId) => _jobs.SelectMany(job => job.Items).Single(item => Id(item) == itemId);

    private static JobOptions Options(ModelJob job) => new()
    {
        OnDuplicate = job.Mode,
        MultipleFaces = MultipleFaces.Reject,
        MinQuality = job.MinQuality,
        AllowIdentityChange = job.AllowIdentityChange,
        IdentityGuard = Calibration.IdentityGuard,
    };

    private static ItemResult.Embedded Face(ModelPicture picture) =>
        new(new FaceBox(0.1, 0.1, 0.5, 0.5), picture.Quality, Vector(picture.Who));

    private static float[] Vector(int who)
    {
        var vector = new float[ModelPack.Standard.Dimensions];
        vector[who] = 1;
        return vector;
    }

    private async Task<Collection> CollectionAsync() => (await host.Get<CollectionStore>().FindAsync(Organization, _collection, CancellationToken.None))!;

    private async Task PrepareAsync(bool isCrowded)
    {
        var vector = System.Runtime.InteropServices.MemoryMarshal.AsBytes(Vector(0).AsSpan()).ToArray();
        await _database.WriteAsync(
            async tx =>
            {
                await tx.Connection!.ExecuteAsync(
                    """
                    DELETE FROM work;
                    INSERT INTO organization (id, name, created_at) VALUES (@Organization, 'x', 0) ON CONFLICT DO NOTHING;
                    """,
                    new { Organization },
                    tx);
            },
            CancellationToken.None);
        _collection = (await host.Get<CollectionStore>().CreateAsync(Organization, "people", null, Settings.Default, CancellationToken.None)).Id;
        if (!isCrowded) return;

        await _database.WriteAsync(
            async tx =>
            {
                var person = Person(OverlapCase.People - 1);
                foreach (var number in Enumerable.Range(1000, 98))
                    _model.Enrolled(new ModelReference(person, new ModelPicture(number, Who: 0, 0.55), null) { FaceId = $"face_{_collection}_{number}" });
                await tx.Connection!.ExecuteAsync(
                    """
                    INSERT INTO person (collection_id, external_id) VALUES (@_collection, @person);
                    UPDATE collection SET face_count = 98, person_count = 1, change_seq = 98 WHERE id = @_collection;
                    """,
                    new { _collection, person },
                    tx);
                await tx.Connection!.ExecuteAsync(
                    """
                    INSERT INTO face (id, organization_id, collection_id, person_num, external_id, quality_score, box_x, box_y, box_width, box_height,
                      image_sha256, model, vector, owner_seq, state, change_seq, created_at)
                    SELECT @FaceId, @Organization, @_collection, num, @person, 0.55, 0.1, 0.1, 0.5, 0.5, @Sha256, 'standard', @vector, 0, 0, @seq, 0
                    FROM person WHERE collection_id = @_collection AND external_id = @person
                    """,
                    _model.All.Select((r, i) => new { r.FaceId, Organization, _collection, person, r.Picture.Sha256, vector, seq = i + 1 }),
                    tx);
            },
            CancellationToken.None);
    }
}
