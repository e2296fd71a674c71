using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Batches;
using Rollcall.Server.Collections;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.Recognition;

namespace Rollcall.Benchmarks.Model;

/// <summary>What callers do, and the hourly passes.</summary>
internal sealed partial class ModelActor
{
    private async Task<Deed?> SubmitAsync(ModelStep.Submit step, bool breaks)
    {
        var (collection, job) = (_collections[step.Collection], Ids.NewJob(stores.Time));
        var items = new List<SubmittedItem>();
        foreach (var (person, picture) in step.Images)
        {
            // A byte stands for the picture: what it shows is known.
            var upload = await stores.Blobs.PutAsync(job, $"{items.Count:D3}", new MemoryStream([0]), 1, null, CancellationToken.None);
            items.Add(new SubmittedItem(person, Metadata, upload with { Sha256 = ModelPicture.All[picture].Sha256 }, null));
        }

        try
        {
            var (created, commit) = await stores.Watch.RunAsync(
                () => stores.Get<BatchStore>().CreateAsync(
                    collection.Organization, collection.Id, new BatchSubmission(job, items, OptionsOf(step.Gates), ""), null, CancellationToken.None),
                breaks);
            known.Add(collection, job);
            return new Deed($"{step}: {job}", commit, model =>
            {
                Complaint.Unless(Creation.Created, created, "submitted");
                model.Submit(step.Collection, job, step.Gates, step.Images);
            });
        }
        catch
        {
            stores.Blobs.DeleteGroup(job); // as the intake does
            throw;
        }
    }

    private async Task<Deed?> CancelAsync(ModelCollection collection, string job, bool breaks)
    {
        var (isThere, commit) = await stores.Watch.RunAsync(() => stores.Queue.CancelAsync(collection.Organization, collection.Id, job, CancellationToken.None), breaks);
        return new Deed($"cancel {job}: {isThere}", commit, model => Complaint.Unless(model.Cancel(job), isThere, "there to be cancelled"));
    }

    private async Task<Deed?> RetryAsync(ModelCollection collection, string job, string? code, bool breaks)
    {
        var request = new RetryBatch { Codes = code is null ? null : [code] };
        var (answer, commit) = await stores.Watch.RunAsync(
            () => stores.Get<JobRetry>().RetryAsync(collection.Organization, collection.Id, job, request, CancellationToken.None), breaks);
        var refused = answer.IsRefused(out var problem, out var retry) ? problem.Code : null;
        if (retry is not null) known.Add(collection, retry.JobId);
        return new Deed($"retry {job} {code}: {refused ?? retry!.JobId}", commit, model => Complaint.Unless(model.Retry(job, code, retry?.JobId), refused, "refused to retry"));
    }

    private async Task<Deed?> UndoAsync(ModelCollection collection, string job, bool breaks)
    {
        var (answer, commit) = await stores.Watch.RunAsync(() => stores.Get<JobUndo>().UndoAsync(collection.Organization, collection.Id, job), breaks);
        var what = answer.IsRefused(out var problem, out var undone)
            ? problem.Code
            : $"{(undone!.Restored, undone.Removed, string.Join(' ', undone.Left.Select(item => item.Index)))}";
        return new Deed($"undo {job}: {what}", commit, model => Complaint.Unless(model.Undo(job), what, "undone"));
    }

    private async Task<Deed?> DeleteAsync(ModelCollection collection, string job, bool breaks)
    {
        var (problem, commit) = await stores.Watch.RunAsync(() => stores.Get<JobRemoval>().RemoveAsync(collection.Organization, collection.Id, job), breaks);
        return new Deed($"delete {job}: {problem?.Code}", commit, model => Complaint.Unless(model.Delete(job), problem?.Code, "refused to delete"));
    }

    private async Task<Deed?> PurgeAsync(bool breaks)
    {
        var (count, commit) = await stores.Watch.RunAsync(() => stores.Get<BatchRetention>().PurgeAsync(CancellationToken.None), breaks);
        return new Deed($"purge: {count}", commit, model => Complaint.Unless(model.Purge(), count, "purged"));
    }

    private async Task<Deed?> EraseAsync(int number, string person, bool breaks)
    {
        var collection = _collections[number];
        var (receipt, commit) = await stores.Watch.RunAsync(() => stores.Get<FaceErasure>().ErasePersonAsync(collection.Organization, collection.Id, person), breaks);
        var told = receipt is null ? ((int, int, int, int, int)?)null : (receipt.Faces, receipt.SupersededFaces, receipt.Images, receipt.Uploads, receipt.EndedItems);
        return new Deed($"erase {person} of {number}: {told}", commit, model => Complaint.Unless(model.Erase(number, person), told, "erased"));
    }

    private async Task<Deed?> DeleteFaceAsync(int number, int pick, bool breaks)
    {
        var collection = _collections[number];
        var faces = await stores.Database.ReadAsync(
            async tx => (await tx.Connection!.QueryAsync<(string Id, string Key)>(
                "SELECT id, COALESCE(source_item_id, id) FROM face WHERE collection_id = @Id AND state = 0 ORDER BY num", new { collection.Id }, tx)).AsList(),
            CancellationToken.None);
        if (faces.Count == 0) return null;

        var (id, key) = faces[pick % faces.Count];
        var (receipt, commit) = await stores.Watch.RunAsync(() => stores.Get<FaceErasure>().DeleteFaceAsync(collection.Organization, collection.Id, id), breaks);
        return new Deed($"delete the face of {key}: {receipt is not null}", commit, model => Complaint.Unless(model.DeleteFace(number, key), receipt is not null, "there to be deleted"));
    }

    private async Task<Deed?> BeginSingleAsync(ModelStep.BeginSingle step, bool breaks)
    {
        var collection = _collections[step.Collection];
        var (single, picture) = (stores.Get<SingleEnrolment>(), ModelPicture.All[step.Picture]);
        var (there, request) = (await stores.Get<CollectionStore>().FindAsync(collection.Organization, collection.Id, CancellationToken.None), new SingleRequest(step.Person, Metadata, OptionsOf(step.Gates)));
        var (item, commit) = await stores.Watch.RunAsync(() => single.AcceptAsync(collection.Organization, there!, request, 1, picture.Sha256, CancellationToken.None), breaks);
        var begun = new Single(item!, picture);
        _singles.Add(begun);
        return new Deed($"{step}: place {item!.AcceptSeq}", commit, model =>
        {
            begun.Known = model.AcceptSingle(step.Collection, item.JobId, step.Gates, step.Person, step.Picture);
            Complaint.Unless(begun.Known.Accepted, item.AcceptSeq, "place of a single enrolment");
        });
    }

    /// <summary>First without a look at the picture, then with it.</summary>
    private async Task<Deed?> FinishSingleAsync(int pick, bool breaks)
    {
        if (_singles.Count == 0) return null;

        var one = _singles[pick % _singles.Count];
        var isSeen = one.IsToBeSeen;
        if (isSeen && (!one.Picture.HasFace || one.Picture.Quality < one.Item.JobOptions.MinQuality))
        {
            _singles.Remove(one); // it is answered before the rules are asked again
            return null;
        }

        var (verdict, commit) = await stores.Watch.RunAsync(
            () => stores.Get<SingleEnrolment>().ApplyAsync(one.Item, isSeen ? Face(one.Picture) : null, CancellationToken.None), breaks);
        one.IsToBeSeen = true;
        if (verdict is not Verdict.NeedsDecoding) _singles.Remove(one);
        var face = (verdict as Verdict.Success)?.Standing;
        var key = IsAlone && face is { Source: null } ? await KeyOfAsync(face.Id) : null;
        var outcome = verdict switch { Verdict.Success s => WireName.Of(s.Outcome), Verdict.Failure f => f.Code, _ => null };
        return new Deed($"single enrolment {one.Item.AcceptSeq}{(isSeen ? ", seen" : "")}: {outcome} {face?.Id}", commit, _ =>
        {
            var end = QueueModel.ApplySingle(one.Known!, isSeen, face?.Id);
            Complaint.Unless(end?.Outcome, outcome, "outcome of a single enrolment");
            Complaint.Unless(end?.Made is not null, face?.Source is not null, "a single enrolment made the face that it names");
            if (key is not null && !end!.Faces.Any(stood => stood.Key == key)) throw new Complaint($"a single enrolment names the face of {key}: not one of those that stood");
        });
    }

    private Task<string?> KeyOfAsync(string face) => stores.Database.ReadAsync(
        tx => tx.Connection!.ExecuteScalarAsync<string?>("SELECT COALESCE(source_item_id, id) FROM face WHERE id = @face", new { face }, tx), CancellationToken.None);

    private async Task<Deed?> SearchAsync(int number)
    {
        var collection = _collections[number];
        var index = await stores.Get<IndexFeed>().LevelAsync(collection.Id, CancellationToken.None);
        if (!IsAlone) return null; // others change what stands meanwhile

        var found = index.Search(Vector(0), 1000, -2, onePerPerson: false).Select(face => face.FaceKey).Order().ToList();
        var standing = await stores.Database.ReadAsync(
            async tx => (await tx.Connection!.QueryAsync<long>("SELECT num FROM face WHERE collection_id = @Id AND state = 0 ORDER BY num", new { collection.Id }, tx)).AsList(),
            CancellationToken.None);
        return new Deed($"search {number}", null, _ => Complaint.UnlessSame(standing, found, "in the index"));
    }

    /// <summary>An enrolment of its own that was accepted and not answered yet.</summary>
    private sealed class Single(ClaimedItem item, ModelPicture picture)
    {
        public ClaimedItem Item => item;

        public ModelPicture Picture => picture;

        public bool IsToBeSeen { get; set; }

        /// <summary>Null until the model has heard of it.</summary>
        public ModelJob? Known { get; set; }
    }
}
