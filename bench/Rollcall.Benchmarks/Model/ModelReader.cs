using Rollcall.Server.Batches;
using Rollcall.Server.Recognition;

namespace Rollcall.Benchmarks.Model;

/// <summary>Looks while others work: at each moment the books have to balance, and no job goes back.</summary>
internal sealed class ModelReader
{
    private readonly Dictionary<string, (int Processed, bool IsFinished)> _seen = new(StringComparer.Ordinal);
    private readonly Task _reading;
    private volatile bool _isOver;

    public ModelReader(Stores stores, QueueModel model, Acquaintance known) => _reading = Task.Run(async () =>
    {
        for (var look = 0; !_isOver; look++)
        {
            await JobBooks.CheckAsync(stores.Database);
            await stores.Get<IndexFeed>().LevelAsync(model.Collections[look % model.Collections.Count].Id, CancellationToken.None);
            if (known.Pick(look) is var (collection, job)) await LookAtAsync(stores, collection, job);
        }
    });

    public Task StopAsync()
    {
        _isOver = true;
        return _reading;
    }

    private async Task LookAtAsync(Stores stores, ModelCollection collection, string id)
    {
        var job = await stores.Get<BatchStore>().FindAsync(collection.Organization, collection.Id, id, ResultsView.All, CancellationToken.None);
        if (job is null) return;

        var before = _seen.GetValueOrDefault(id);
        Complaint.Unless(job.Processed, job.Succeeded + job.Failed, $"processed items of {id}");
        Complaint.Unless(job.Processed, job.Results!.Count, $"results of {id}");
        if (job.Processed < before.Processed || (before.IsFinished && job.CompletedAt is null)) throw new Complaint($"{id} went back from {before} to {job.Processed} {job.Status}");
        _seen[id] = (job.Processed, job.CompletedAt is not null);
    }
}
