using Rollcall.Client.Contracts;
using Rollcall.Server.Enrolment;

namespace Rollcall.Benchmarks.Model;

/// <summary>
/// What the queue promises about leases, suspects and cancelled jobs: jobs, their items and what is held, without a table, a transaction or
/// a file. Each method is one call of the stores and returns what they have to answer; <see cref="PersonModel"/> knows who is enrolled.
/// </summary>
internal sealed partial class QueueModel(QueueOptions options, long now)
{
    private readonly Dictionary<string, ModelJob> _jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModelItem> _items = new(StringComparer.Ordinal);
    private readonly List<ModelCollection> _collections = [];
    private long _virtualTime;

    public long Now { get; private set; } = now;

    public IReadOnlyCollection<ModelJob> Jobs => _jobs.Values;

    public IReadOnlyList<ModelCollection> Collections => _collections;

    public long KeptFor => (long)options.KeepJobs.TotalMilliseconds;

    public bool IsIdle => !Open.Any();

    private IEnumerable<ModelItem> Open => _items.Values.Where(item => item.Work is not null);

    public ModelCollection Add(string organization, string collection)
    {
        _collections.Add(new ModelCollection(organization, collection));
        return _collections[^1];
    }

    public void Tick(long milliseconds) => Now += milliseconds;

    public long Submit(int collection, string jobId, ModelGates gates, IReadOnlyList<(string Person, int Picture)> images)
    {
        var job = new ModelJob(_collections[collection], jobId, gates, Now);
        foreach (var (person, picture) in images)
            job.Items.Add(new ModelItem(job, job.Items.Count, ModelPicture.All[picture]) { Person = person, Blob = $"{jobId}/{job.Items.Count:D3}" });
        Enqueue(job);
        return job.Accepted;
    }

    /// <summary>A suspect is given out alone, and to nobody who has something in hand.</summary>
    public (bool SuspectWaits, IReadOnlyList<string> Items) Claim(string worker, int count, bool handsFree)
    {
        var suspects = Open.Any(item => IsReady(item, suspect: true));
        return suspects && !handsFree ? (true, []) : (false, Lease(worker, count, suspects));
    }

    /// <summary>The second half of a claim, when it is known already whether a suspect is to be given out.</summary>
    public IReadOnlyList<string> Lease(string worker, int count, bool suspects)
    {
        var given = Open.Where(item => IsReady(item, suspects))
            .OrderBy(item => item.Work!.Tag).ThenBy(item => item.Id, StringComparer.Ordinal).Take(suspects ? 1 : count).ToList();
        foreach (var item in given)
        {
            item.Work!.Lease = new ModelLease(worker, Now + (long)options.MaxRun.TotalMilliseconds) { Until = Now + (long)options.Lease.TotalMilliseconds };
            item.Job.Started ??= Now;
            _virtualTime = Math.Max(_virtualTime, item.Work.Tag);
        }

        return [.. given.Select(item =>
            $"{item.Id} of {item.Person} {item.Picture.Sha256} upload {item.Blob} place {item.Job.Accepted} suspect {item.Work!.Suspect} crashes {item.Work.Crashes} decode {item.Work.Decode}")];
    }

    /// <summary>The fence that came with a lease; false when it is not above all that were given for the item before.</summary>
    public bool Number(LeaseKey key)
    {
        var item = _items[key.ItemId];
        if (key.Fence <= item.Fence) return false;
        item.Fence = item.Work!.Lease!.Fence = key.Fence;
        return true;
    }

    public IReadOnlyList<LeaseKey> Renew(string worker, IReadOnlyList<LeaseKey> inHand)
    {
        var ids = inHand.Select(key => key.ItemId).ToHashSet(StringComparer.Ordinal);
        var kept = Open.Where(item => ids.Contains(item.Id) && item.Work!.Lease is { } lease && lease.Worker == worker && lease.Until > Now && lease.Deadline > Now).ToList();
        foreach (var item in kept) item.Work!.Lease!.Until = Now + (long)options.Lease.TotalMilliseconds;
        return [.. kept.Select(item => new LeaseKey(item.Id, item.Work!.Lease!.Fence)).OrderBy(key => key.ItemId, StringComparer.Ordinal)];
    }

    public bool Begin(LeaseKey key)
    {
        if (Held(key) is not { Work: { } work }) return false;
        return work.Begun = true;
    }

    public void GiveBack(LeaseKey key, long pause)
    {
        if (Held(key) is not { } item) return;
        item.Work!.ReadyAt = Now + pause;
        Release(item);
    }

    /// <summary>What fails alone counts; what fails in company may have been its neighbours' doing.</summary>
    public void Fault(LeaseKey key)
    {
        if (Held(key) is not { Work: { } work } item) return;
        work.ReadyAt = Now + ((work.Crashes + 1) * (long)options.CrashPause.TotalMilliseconds);
        if (work.Suspect) work.Crashes++;
        work.Suspect = true;
        Release(item);
    }

    public int Rescue()
    {
        var lost = Open.Where(item => item.Work!.Lease?.Until <= Now).ToList();
        foreach (var item in lost)
        {
            item.Work!.Suspect = true;
            Release(item);
        }

        return lost.Count;
    }

    /// <summary>The process died: what was alone inside the decoder counts as a crash.</summary>
    public int Restart()
    {
        var lost = Open.Where(item => item.Work!.Lease is not null).ToList();
        foreach (var item in lost)
        {
            var work = item.Work!;
            var isCrash = work is { Begun: true, Suspect: true };
            work.ReadyAt = Now + (isCrash ? (work.Crashes + 1) * (long)options.CrashPause.TotalMilliseconds : 0);
            if (isCrash) work.Crashes++;
            work.Suspect = true;
            Release(item);
        }

        return lost.Count;
    }

    private void Enqueue(ModelJob job)
    {
        var tenant = job.Collection.Organization;
        var tag = Math.Max(_virtualTime, Open.Where(item => item.Job.Collection.Organization == tenant).Select(item => item.Work!.Tag).DefaultIfEmpty().Max());
        foreach (var item in job.Items)
        {
            item.Work = new ModelWork(++tag);
            _items.Add(item.Id, item);
        }

        _jobs.Add(job.Id, job);
    }

    private bool IsReady(ModelItem item, bool suspect) => item.Work is { Lease: null } work && work.ReadyAt <= Now && work.Suspect == suspect;

    private ModelItem? Held(LeaseKey key) =>
        _items.TryGetValue(key.ItemId, out var item) && item.Work?.Lease is { } lease && lease.Fence == key.Fence ? item : null;

    /// <summary>A lease has ended without a completion: the item waits again, unless its job was cancelled.</summary>
    private void Release(ModelItem item)
    {
        (item.Work!.Lease, item.Work.Begun) = (null, false);
        if (item.Job.Cancelled is not null) Finish(item, ModelEnd.Failed(ErrorCodes.Cancelled));
    }

    private void Finish(ModelItem item, ModelEnd end)
    {
        var job = item.Job;
        (item.End, item.Work) = (end, null);
        if (end.Succeeded)
        {
            if (end.Made is { } made && job.Gates.KeepImages) made.Image = item.Blob;
            item.Blob = null; // a failed item keeps its own, to be retried
        }

        job.Started ??= Now;
        if (job.Items.TrueForAll(one => one.End is not null)) job.Completed = Now;
    }
}
