using System.Data.Common;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Faces.Models;
using Rollcall.Server.Audit;
using Rollcall.Server.Batches;
using Rollcall.Server.Hosting;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Enrolment;

/// <summary>An item that was worked on, and what it came to.</summary>
internal sealed record FinishedItem(ClaimedItem Item, ItemResult Result);

internal sealed partial class WorkQueue
{
    /// <summary>
    /// Commits a group of finished items: all of their effects, or none. An item whose lease was lost has no effect.
    /// The answers stand in the order of <paramref name="group"/>.
    /// </summary>
    /// <remarks>
    /// 1. The work rows go, fenced; a row that is not there any more means that the lease was lost.
    /// 2. The persons are locked and their references read, for a dry run into a ledger of its own, which is not written.
    /// 3. The rules decide, item by item, in memory. What has to be decoded after all goes back, or ends if its job was cancelled.
    /// 4. Items, then jobs, then the collections' numbers and, numbered by them, the references; the entries of the audit log.
    /// 5. After the commit the uploads of the items that succeeded are deleted, but for those that a new reference keeps, and all of a dry run's and of suppressed
    ///    people; the sweep does it if the process dies in between.
    /// </remarks>
    public async Task<IReadOnlyList<Completion>> CompleteAsync(
        IReadOnlyList<FinishedItem> group, ScoreCalibration calibration, CancellationToken ct)
    {
        using var span = Instruments.Spans.StartActivity("commit")?.SetTag("rollcall.items", group.Count);
        var start = time.GetTimestamp();
        var (answers, rows, uploads) = await database.WriteAsync(tx => CompleteAsync(tx, group, calibration), ct);
        instruments.CommitDuration.Record(time.GetElapsedTime(start).TotalSeconds);
        foreach (var row in rows) instruments.ItemEnded(row.Outcome, row.ErrorCode);
        events.Changed(group.Select(finished => finished.Item.JobId).Distinct());
        foreach (var upload in uploads) DeleteUpload(upload); // 5
        return answers;
    }

    private void DeleteUpload(string blob)
    {
        try
        {
            blobs.Delete(blob);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUploadLeft(e, blob);
        }
    }

    private async Task<(IReadOnlyList<Completion> Answers, IReadOnlyList<ItemRow> Rows, IReadOnlyList<string> Uploads)> CompleteAsync(
        DbTransaction tx, IReadOnlyList<FinishedItem> group, ScoreCalibration calibration)
    {
        // 1
        var held = await TakeAsync(tx, group);
        var mine = group.Where(finished => held.Contains(finished.Item.Key)).OrderBy(f => f.Item.ItemId, StringComparer.Ordinal).ToList();

        // 2
        var ruled = mine.Where(f => f.Result is not ItemResult.Failed { IsOfPicture: false }).Select(f => f.Item).ToList();
        var persons = await PersonLedger.LockAsync(tx, ruled, suppressions);
        var rehearsals = await RehearseAsync(tx, ruled);
        var keptOut = await KeptOutAsync(tx, mine);

        // 3
        var ends = mine.ConvertAll(finished => (
            finished.Item,
            Verdict: keptOut.Contains(finished.Item.Key) ? PersonRules.Suppressed : Decide(finished, rehearsals.GetValueOrDefault(finished.Item.JobId, persons), calibration),
            finished.Result));
        var undecided = ends.Where(end => end.Verdict is Verdict.NeedsDecoding).Select(end => end.Item).ToList();
        await ReturnAsync(tx, undecided);
        var ended = undecided.Count > 0 ? await EndCancelledAsync(tx) : Ended.Nothing;
        ends.RemoveAll(end => end.Verdict is Verdict.NeedsDecoding);

        // 4
        var now = time.Now(); // one for all: a face is not younger than the end of its job
        var rows = ends.ConvertAll(end => end.Item.JobOptions.DryRun
            ? ItemRow.Of(end.Item, end.Verdict, end.Result, rehearsals.GetValueOrDefault(end.Item.JobId)?.Find(end.Item)?.Standing)
            : ItemRow.Of(end.Item, end.Verdict, end.Result));
        await ItemRow.WriteAsync(tx, rows);
        await CountAsync(tx, rows, now);
        await persons.WriteAsync(tx, now); // a job supersedes and removes nothing
        await RecordAsync(tx, ends.Select(end => (end.Item, end.Verdict)));
        if (undecided.Count > 0 || rows.Exists(row => row.State == ItemRow.Failed || row.DryRun == 1)) await persons.ForgetStrangersAsync(tx);

        var decided = ends.Select(end => end.Item.Key).ToHashSet();
        return (
            [.. group.Select(finished => decided.Contains(finished.Item.Key) ? Completion.Committed
                : held.Contains(finished.Item.Key) ? Completion.NeedsDecoding : Completion.LeaseLost)],
            rows,
            [.. ends.Where(IsUploadDone).Select(end => end.Item.Blob).OfType<string>(), .. ended.Uploads]);

        static bool IsUploadDone((ClaimedItem Item, Verdict Verdict, ItemResult Result) end) =>
            end.Item.JobOptions.DryRun || end.Verdict is Verdict.Failure { Code: ErrorCodes.Suppressed }
            || (end.Verdict is Verdict.Success success && success.Standing.KeptFrom(end.Item) is null);
    }

    /// <summary>What changed somebody's references, as acts of whoever submitted the job.</summary>
    private Task RecordAsync(DbTransaction tx, IEnumerable<(ClaimedItem Item, Verdict Verdict)> ends) => AuditTrail.AddAsync(
        tx,
        ends.Where(end => !end.Item.JobOptions.DryRun).SelectMany(end => end.Verdict.ToEvent(end.Item) is { } entry
            ? audit.RowsOf(end.Item.OrganizationId, AuditSource.FromJson(end.Item.SubmittedBy), [entry])
            : []));

    /// <summary>A ledger for each dry run, apart from the one that is written and from each other's: nobody else sees what would have happened.</summary>
    private async Task<IReadOnlyDictionary<string, PersonLedger>> RehearseAsync(DbTransaction tx, IEnumerable<ClaimedItem> items)
    {
        var rehearsals = new Dictionary<string, PersonLedger>(StringComparer.Ordinal);
        foreach (var job in items.Where(item => item.JobOptions.DryRun).GroupBy(item => item.JobId, StringComparer.Ordinal))
            rehearsals[job.Key] = await PersonLedger.RehearseAsync(tx, job, suppressions);
        return rehearsals;
    }

    /// <summary>Items that fail without the rules and are of suppressed people: nothing of theirs is kept either. Nobody is enrolled by them, so no lock is needed.</summary>
    private async Task<HashSet<LeaseKey>> KeptOutAsync(DbTransaction tx, IEnumerable<FinishedItem> mine)
    {
        var items = mine.Where(finished => finished.Result is ItemResult.Failed { IsOfPicture: false }).Select(finished => finished.Item).ToList();
        if (items.Count == 0) return [];
        var people = await suppressions.AmongAsync(tx, items.ConvertAll(item => (item.CollectionId, item.ExternalId)));
        return [.. items.Where(item => people.Contains((item.CollectionId, item.ExternalId))).Select(item => item.Key)];
    }

    /// <summary>Which of them are held. By the lease, not by the item: a worker that slept may bring both its old and its new result.</summary>
    private static async Task<HashSet<LeaseKey>> TakeAsync(DbTransaction tx, IReadOnlyList<FinishedItem> group)
    {
        var held = new HashSet<LeaseKey>();
        foreach (var item in group.Select(finished => finished.Item).OrderBy(item => item.ItemId, StringComparer.Ordinal))
        {
            var deleted = await tx.Connection!.ExecuteAsync("DELETE FROM work WHERE item_id = @ItemId AND fence = @Fence AND state = 1", item, tx);
            if (deleted == 1) held.Add(item.Key);
        }

        return held;
    }

    private Verdict Decide(FinishedItem finished, PersonLedger persons, ScoreCalibration calibration)
    {
        var failed = finished.Result as ItemResult.Failed;
        if (failed is { IsOfPicture: false }) return Failure(failed);

        var rules = new PersonRules(persons.Of(finished.Item), calibration, time);
        var verdict = rules.Apply(finished.Item, finished.Result as ItemResult.Embedded);
        return verdict is Verdict.NeedsDecoding && failed is not null && rules.StillChooses(finished.Item, failed.Choice) ? Failure(failed) : verdict;

        static Verdict.Failure Failure(ItemResult.Failed failed) => new(failed.Code, failed.Message, failed.Details);
    }

    /// <summary>An item that was taken for unchanged and is not goes to the front of the queue, to be decoded; so does one of whose faces another would be taken now.</summary>
    private static Task ReturnAsync(DbTransaction tx, IReadOnlyList<ClaimedItem> items) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO work (item_id, job_id, organization_id, tag, suspect, decode, fence, crashes)
        VALUES (@ItemId, @JobId, @OrganizationId, 0, @suspect, 1, @Fence, @Crashes)
        """,
        items.Select(item => new
        {
            item.ItemId,
            item.JobId,
            item.OrganizationId,
            suspect = item.Suspect ? 1 : 0,
            item.Fence,
            item.Crashes,
        }),
        tx);

    private Task CountAsync(DbTransaction tx, IReadOnlyList<ItemRow> rows, long now) => JobCounters.AddAsync(
        tx,
        rows.GroupBy(row => row.JobId).Select(job => new JobProgress(
            job.Key, job.Count(row => row.State == ItemRow.Succeeded), job.Count(row => row.State == ItemRow.Failed))),
        now,
        _options.KeepJobs);
}
