using System.Runtime.InteropServices;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Batches;

namespace Rollcall.Benchmarks.Model;

/// <summary>One schedule against the stores, held against the model.</summary>
internal sealed class ModelRun
{
    // Far more than an end takes: a queue that does not come to one is a complaint.
    private const int MostRounds = 300;

    private readonly Stores _stores;
    private readonly QueueModel _model;
    private readonly Acquaintance _known = new();
    private readonly List<Deed> _deeds = [];
    private bool _isSearched = true;
    private StoreState? _before;

    private ModelRun(Stores stores, QueueModel model) => (_stores, _model) = (stores, model);

    /// <summary>What was done, as far as it came.</summary>
    public IReadOnlyList<string> Trace => _deeds.ConvertAll(deed => deed.What);

    public static async Task<ModelRun> BeginAsync(Stores stores, bool isCrowded)
    {
        var run = new ModelRun(stores, await stores.BeginAsync());
        if (isCrowded) await run.CrowdAsync();
        return run;
    }

    /// <summary>One step after the other; after each of them all that is kept is compared.</summary>
    public async Task InTurnAsync(ModelCase schedule)
    {
        var actors = Actors(isAlone: true);
        _isSearched = schedule.IsSearched;
        await CheckAsync();
        foreach (var turn in schedule.Turns) await TakeAsync(actors[turn.Worker], turn);
        await EndAsync(actors);
    }

    /// <summary>
    /// All workers at once, each its own steps in their order. The order in which SQLite committed is the order in which all of it must look as if
    /// it had happened: in that order the model has to give the same answers and come to the same end.
    /// </summary>
    public async Task AtOnceAsync(ModelCase schedule)
    {
        var reader = new ModelReader(_stores, _model, _known);
        (ModelActor Actor, List<Deed> Done)[] deeds;
        try
        {
            deeds = await Task.WhenAll(Actors(isAlone: false).Select((actor, worker) => Task.Run(() => TakeAllAsync(actor, schedule.Turns.Where(turn => turn.Worker == worker)))));
        }
        finally
        {
            await reader.StopAsync();
        }

        foreach (var deed in deeds.SelectMany(one => one.Done).Where(deed => deed.Commit is not null).OrderBy(deed => deed.Commit))
        {
            _deeds.Add(deed);
            deed.Replay(_model);
        }

        await CheckAsync();
        var actors = deeds.Select(one => one.Actor).ToList();
        actors.ForEach(actor => actor.IsAlone = true);
        await EndAsync(actors);
    }

    private static async Task<(ModelActor Actor, List<Deed> Done)> TakeAllAsync(ModelActor actor, IEnumerable<ModelTurn> turns)
    {
        var done = new List<Deed>();
        foreach (var turn in turns)
            await foreach (var deed in actor.TakeAsync(turn)) done.Add(deed);
        return (actor, done);
    }

    private async Task TakeAsync(ModelActor actor, ModelTurn turn)
    {
        await foreach (var deed in actor.TakeAsync(turn))
        {
            _deeds.Add(deed);
            deed.Replay(_model);
            var before = _before;
            await CheckAsync();
            if (deed.WasInVain) Complaint.UnlessSame(before!.Changes, _before!.Changes, "change numbers after a transaction that failed");
            if (_isSearched) await SearchAsync(actor);
        }
    }

    private async Task SearchAsync(ModelActor actor)
    {
        for (var collection = 0; collection < _model.Collections.Count; collection++)
            await foreach (var search in actor.TakeAsync(new ModelTurn(0, false, new ModelStep.Search(collection)))) search.Replay(_model);
    }

    private async Task CheckAsync()
    {
        var state = await StoreState.ReadAsync(_stores);
        Complaint.UnlessSame(ModelState.Of(_model), state.Lines, "kept");
        var ends = _model.Jobs.SelectMany(job => job.Items).ToDictionary(item => item.Id, item => item.End, StringComparer.Ordinal);
        foreach (var (item, face) in state.Named.Where(named => named.Face is not null))
            if (!ends[item]!.Faces.Any(known => known.Key == face)) throw new Complaint($"{item} names the face of {face}: not one of those that stood");
        _before = state;
    }

    /// <summary>All comes to an end, whatever the schedule left open; then callers see it, and with the jobs go their uploads.</summary>
    private async Task EndAsync(IReadOnlyList<ModelActor> actors)
    {
        Task Do(ModelActor actor, ModelStep step, bool breaks = false) => TakeAsync(actor, new ModelTurn(0, breaks, step));

        foreach (var actor in actors)
            while (actor.HasSingles) await Do(actor, new ModelStep.FinishSingle(0));
        for (var round = 0; !_model.IsIdle; round++)
        {
            if (round == MostRounds) throw new Complaint("The queue does not come to an end.");
            foreach (var actor in actors) await Do(actor, actor.BringAll());
            await Do(actors[0], new ModelStep.Tick(60));
            await Do(actors[0], new ModelStep.Rescue());
            await Do(actors[round % actors.Count], new ModelStep.Claim(100));
        }

        foreach (var job in _model.Jobs.ToList()) await CheckViewAsync(job); // an index that sleeps goes on sleeping, until after the purge
        await Do(actors[0], new ModelStep.Tick(7 * 24 * 3600));
        await Do(actors[0], new ModelStep.Purge(), breaks: true); // first in vain: it has the most to delete
        await Do(actors[0], new ModelStep.Purge());
        Complaint.Unless(0, await _stores.Get<BatchRetention>().SweepAsync(DateTimeOffset.MaxValue, CancellationToken.None), "uploads that belong to nothing");
        for (var collection = 0; collection < _model.Collections.Count; collection++) await Do(actors[0], new ModelStep.Search(collection));
        _stores.End(_model);
    }

    private async Task CheckViewAsync(ModelJob job)
    {
        var seen = await _stores.Get<BatchStore>().FindAsync(job.Collection.Organization, job.Collection.Id, job.Id, ResultsView.All, CancellationToken.None);
        if (job.Completed + _model.KeptFor <= _model.Now)
        {
            Complaint.Unless(null, seen, "a job past its time");
            return;
        }

        var final = job.Items.FindAll(item => item.End is not null);
        Complaint.Unless(job.Status, WireName.Of(seen!.Status), "status");
        Complaint.UnlessSame(
            final.Select(item => (item.Index, item.Person, item.End!.Outcome, item.End.Succeeded, item.End.Succeeded)),
            seen.Results!.Select(item => (item.Index, item.ExternalId, item.Error?.Code ?? WireName.Of(item.Outcome), item.Success, item.FaceId is not null)),
            "results");
    }

    private List<ModelActor> Actors(bool isAlone) =>
        [.. Enumerable.Range(0, ModelCase.Workers).Select(n => new ModelActor(_stores, _model, _known, $"w{n}") { IsAlone = isAlone })];

    private Task CrowdAsync()
    {
        var collection = _model.Collections[0];
        var vector = new float[_stores.Pack.Dimensions];
        vector[0] = 1;
        foreach (var number in Enumerable.Range(1000, 98))
            collection.People.Enrolled(new ModelReference(ModelCase.Crowded, new ModelPicture(number, Who: 0, 0.55), null) { Key = $"face_{collection.Id}_{number}" });
        return _stores.Database.WriteAsync(
            async tx =>
            {
                await tx.Connection!.ExecuteAsync(
                    """
                    INSERT INTO person (collection_id, external_id) VALUES (@Id, @Crowded);
                    UPDATE collection SET face_count = 98, person_count = 1, change_seq = 98 WHERE id = @Id;
                    """,
                    new { collection.Id, ModelCase.Crowded },
                    tx);
                await tx.Connection!.ExecuteAsync(
                    """
                    INSERT INTO face (id, organization_id, collection_id, person_num, external_id, quality_score, box_x, box_y, box_width, box_height,
                      image_sha256, model, vector, owner_seq, state, change_seq, created_at)
                    SELECT @Key, @Organization, @Id, num, external_id, 0.55, 0.1, 0.1, 0.5, 0.5, @Sha256, @model, @bytes, 0, 0, @seq, 0
                    FROM person WHERE collection_id = @Id
                    """,
                    collection.People.All.Select((r, i) => new
                    {
                        r.Key,
                        collection.Organization,
                        collection.Id,
                        r.Picture.Sha256,
                        model = _stores.Pack.Id,
                        bytes = MemoryMarshal.AsBytes(vector.AsSpan()).ToArray(),
                        seq = i + 1,
                    }),
                    tx);
            },
            CancellationToken.None);
    }
}
