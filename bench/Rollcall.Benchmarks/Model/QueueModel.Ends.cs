using Rollcall.Client.Contracts;
using Rollcall.Server.Enrolment;

namespace Rollcall.Benchmarks.Model;

/// <summary>What a worker knows of a picture when it completes an item.</summary>
internal enum Looked
{
    /// <summary>What stands seemed to decide without a look.</summary>
    Not,

    AtThePicture,

    /// <summary>The server failed on it, whatever the picture is.</summary>
    AndFailed,
}

/// <summary>How items and jobs come to their end, and what their end leaves behind.</summary>
internal sealed partial class QueueModel
{
    public IReadOnlyList<Completion> Complete(IReadOnlyList<(LeaseKey Key, Looked Looked)> group)
    {
        var answers = group.ToDictionary(one => one.Key, _ => Completion.LeaseLost);
        foreach (var (key, looked) in group.Where(one => Held(one.Key) is not null).OrderBy(one => one.Key.ItemId, StringComparer.Ordinal).ToList())
        {
            var item = Held(key)!;
            var end = looked == Looked.AndFailed
                ? ModelEnd.Failed(ErrorCodes.ProcessingError)
                : item.Job.Collection.People.Apply(item, isSeen: looked == Looked.AtThePicture);
            answers[key] = end is null ? Completion.NeedsDecoding : Completion.Committed;
            if (end is not null)
            {
                Finish(item, end);
                if (end.Made is { } made) made.Key = item.Id;
                continue;
            }

            // To the front of the queue, to be decoded.
            item.Work = new ModelWork(0) { Decode = true, Suspect = item.Work!.Suspect, Crashes = item.Work.Crashes };
            Release(item);
        }

        return [.. group.Select(one => answers[one.Key])];
    }

    public bool Cancel(string jobId)
    {
        if (There(jobId) is not { } job) return false;
        if (job.Completed is not null) return true;

        foreach (var item in job.Items.Where(item => item.Work is { } work && (work.Lease is null || work.Lease.Until <= Now)).ToList())
            Finish(item, ModelEnd.Failed(ErrorCodes.Cancelled));
        job.Cancelled ??= Now;
        return true;
    }

    /// <summary>A job of which nothing is final yet ends as a whole; nothing of it waits any more, and its items keep their uploads.</summary>
    public bool FailJob(string jobId, string code)
    {
        if (!_jobs.TryGetValue(jobId, out var job) || job.Completed is not null || job.Cancelled is not null || job.Items.Exists(item => item.End is not null)) return false;

        foreach (var item in job.Items) item.Work = null;
        (job.FailedWith, job.Completed) = (code, Now);
        return true;
    }

    /// <summary>Null when nothing is known of the person: else faces, superseded ones, their images, uploads and open items.</summary>
    public (int Faces, int Superseded, int Images, int Uploads, int Ended)? Erase(int collection, string person)
    {
        var people = _collections[collection].People;
        var references = people.All.Where(r => r.Person == person).ToList();
        var items = _items.Values.Where(item => item.Job.Collection == _collections[collection] && item.Person == person).ToList();
        if (references.Count + items.Count == 0) return null;

        var open = items.FindAll(item => item.Work is not null);
        var uploads = items.Count(item => item.Blob is not null);
        people.Erase(person);
        foreach (var item in open) Finish(item, ModelEnd.Failed(ErrorCodes.Erased));
        foreach (var item in items) (item.Person, item.Blob) = (null, null);
        return (references.Count(r => r.Stands), references.Count(r => !r.Stands), references.Count(r => r.Image is not null), uploads, open.Count);
    }

    public bool DeleteFace(int collection, string key)
    {
        var people = _collections[collection].People;
        if (people.All.FirstOrDefault(r => r.Key == key && r.Stands) is not { } face) return false;
        people.Delete(face);
        return true;
    }

    /// <summary>What is refused, or what came of it.</summary>
    public string Undo(string jobId)
    {
        if (Finished(jobId, out var job) is { } refused) return refused;
        job!.UndoneAt ??= Now;
        return $"{job.Collection.People.Undo(job)}";
    }

    /// <summary>What is refused; null when a job was made, which is <paramref name="retryId"/>.</summary>
    public string? Retry(string jobId, string? code, string? retryId)
    {
        if (Finished(jobId, out var parent) is { } refused) return refused;
        var failed = parent!.Items.FindAll(item => item.Blob is not null && (code is null || (item.End?.Outcome ?? parent.FailedWith) == code));
        if (failed.Count == 0) return ErrorCodes.NothingToRetry;
        if (retryId is null) return null; // a refusal was answered, and there was no reason for one

        var job = new ModelJob(parent.Collection, retryId, parent.Gates with { KeepImages = false }, Now) { Parent = parent };
        foreach (var item in failed)
        {
            job.Items.Add(new ModelItem(job, job.Items.Count, item.Picture) { Person = item.Person, Blob = item.Blob });
            item.Blob = null;
        }

        Enqueue(job);
        return null;
    }

    public string? Delete(string jobId)
    {
        if (Finished(jobId, out var job) is { } refused) return refused;
        Drop(job!);
        return null;
    }

    public int Purge()
    {
        var expired = _jobs.Values.Where(job => job.Completed + KeptFor <= Now).ToList();
        foreach (var job in expired) Drop(job);
        return expired.Count;
    }

    public ModelJob AcceptSingle(int collection, string token, ModelGates gates, string person, int picture)
    {
        var single = new ModelJob(_collections[collection], token, gates, Now, isSingle: true);
        single.Items.Add(new ModelItem(single, 0, ModelPicture.All[picture]) { Person = person });
        return single;
    }

    /// <summary>Null when the picture has to be looked at first. <paramref name="face"/> is the face that was named, which is new if the item made one.</summary>
    public static ModelEnd? ApplySingle(ModelJob single, bool isSeen, string? face)
    {
        var end = single.Collection.People.Apply(single.Items[0], isSeen);
        if (end?.Made is { } made) made.Key = face ?? "";
        return end;
    }

    private void Drop(ModelJob job)
    {
        job.Collection.People.Forget(job);
        _jobs.Remove(job.Id);
        foreach (var item in job.Items) _items.Remove(item.Id);
    }

    /// <summary>Null when it is past its time, purged or not.</summary>
    private ModelJob? There(string jobId) => _jobs.TryGetValue(jobId, out var job) && !(job.Completed + KeptFor <= Now) ? job : null;

    private string? Finished(string jobId, out ModelJob? job)
    {
        job = There(jobId);
        return job is null ? ErrorCodes.BatchJobNotFound : job.Completed is null ? ErrorCodes.JobNotFinished : null;
    }
}
