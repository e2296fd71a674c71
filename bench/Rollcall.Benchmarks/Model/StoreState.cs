using System.Globalization;
using Dapper;

namespace Rollcall.Benchmarks.Model;

/// <summary>All that is kept, a line for each row and file, in the words in which <see cref="ModelState"/> says what has to be kept.</summary>
internal sealed record StoreState(IReadOnlyList<string> Lines, IReadOnlyList<(string Item, string? Face)> Named, IReadOnlyList<string> Changes)
{
    private const string Rows =
        """
        SELECT 'collection ' || id || ' has ' || face_count || ' faces of ' || person_count || ', accepted ' || accept_seq FROM collection
        UNION ALL
        SELECT 'organization ' || id || ' stores ' || stored_bytes FROM organization
        UNION ALL
        SELECT 'job ' || id || ' place ' || accept_seq || ' ' || status || ' ' || succeeded || '+' || failed || ' of ' || total || ' at ' || created_at
          || ' started ' || COALESCE(started_at, '-') || ' completed ' || COALESCE(completed_at, '-') || ' expires ' || COALESCE(expires_at, '-')
          || ' cancelled ' || COALESCE(cancelled_at, '-') || ' undone ' || COALESCE(undone_at, '-') || ' parent ' || COALESCE(parent_job_id, '-')
          || ' ' || COALESCE(error_code, '-') FROM job
        UNION ALL
        SELECT 'item ' || id || ' of ' || external_id || ' ' || COALESCE(error_code, outcome, 'open') || CASE WHEN face_id IS NULL THEN '' ELSE ' names a face' END
          || CASE WHEN outcome IN ('enrolled', 'replaced', 'kept', 'unchanged') THEN printf(' quality %.2f', quality_score) ELSE '' END
          || CASE WHEN existing_quality_score IS NULL THEN '' ELSE printf(' existing %.2f', existing_quality_score) END
          || ' upload ' || COALESCE(blob, '-') || ' ' || image_sha256 || COALESCE(metadata, '')
          || CASE WHEN external_id = '' AND (box_x IS NOT NULL OR error_details IS NOT NULL) THEN ' remembers' ELSE '' END FROM job_item
        UNION ALL
        SELECT 'work ' || item_id || ' tag ' || tag || ' suspect ' || suspect || ' crashes ' || crashes || ' decode ' || decode || ' begun ' || begun
          || CASE WHEN state = 0 THEN ' waits until ' || ready_at ELSE ' held by ' || worker_id || ' until ' || lease_until || ' at most ' || deadline_at END FROM work
        UNION ALL
        SELECT 'face ' || COALESCE(f.source_item_id, f.id) || ' of ' || f.external_id || ' ' || f.image_sha256 || ' in ' || f.collection_id || ' by ' || COALESCE(f.job_id, '-')
          || ' owner ' || f.owner_seq || CASE WHEN f.state = 0 THEN ' stands' ELSE ' superseded by ' || f.superseded_by END || ' image ' || COALESCE(f.image, '-')
          || CASE WHEN p.external_id = f.external_id AND p.collection_id = f.collection_id THEN '' ELSE ' of another person' END
          FROM face f JOIN person p ON p.num = f.person_num
        UNION ALL
        SELECT 'person ' || external_id || ' without a face' FROM person WHERE NOT EXISTS (SELECT 1 FROM face WHERE person_num = person.num)
        """;

    public static async Task<StoreState> ReadAsync(Stores stores)
    {
        var rows = await stores.Database.ReadAsync(
            async tx =>
            {
                var lines = await tx.Connection!.QueryAsync<string>(Rows, null, tx);
                var named = await tx.Connection!.QueryAsync<(string, string?)>(
                    "SELECT i.id, COALESCE(f.source_item_id, f.id) FROM job_item i LEFT JOIN face f ON f.id = i.face_id WHERE i.state = 1", null, tx);
                var changes = await tx.Connection!.QueryAsync<string>("SELECT id || ' is at change ' || change_seq FROM collection", null, tx);
                return (lines.AsList(), named.AsList(), changes.AsList());
            },
            CancellationToken.None);
        var files = stores.Blobs.Groups().SelectMany(group => stores.Blobs.WrittenBefore(group, DateTimeOffset.MaxValue)).Select(name => $"file {name}");
        return new StoreState([.. rows.Item1.Concat(files).Order(StringComparer.Ordinal)], rows.Item2, rows.Item3);
    }
}

/// <summary>What has to be kept, as the model says.</summary>
internal static class ModelState
{
    public static IReadOnlyList<string> Of(QueueModel model)
    {
        var (items, faces) = (model.Jobs.SelectMany(job => job.Items).ToList(), model.Collections.SelectMany(c => c.People.All.Select(face => (Collection: c, Face: face))).ToList());
        return [.. model.Collections.Select(Line)
            .Concat(model.Collections.Select(c => $"organization {c.Organization} stores {Stored(model, c)}"))
            .Concat(model.Jobs.Select(job => Line(job, model.KeptFor)))
            .Concat(items.Select(Line))
            .Concat(items.Where(item => item.Work is not null).Select(item => Line(item, item.Work!)))
            .Concat(faces.Select(one => Line(one.Collection, one.Face)))
            .Concat(items.Select(item => item.Blob).Concat(faces.Select(one => one.Face.Image)).OfType<string>().Select(name => $"file {name}"))
            .Order(StringComparer.Ordinal)];
    }

    private static int Stored(QueueModel model, ModelCollection collection) =>
        model.Jobs.Where(job => job.Collection == collection).Sum(job => job.Items.Count(item => item.Blob is not null))
        + collection.People.All.Count(face => face.Image is not null);

    private static string Line(ModelCollection collection)
    {
        var standing = collection.People.All.Where(face => face.Stands).ToList();
        return $"collection {collection.Id} has {standing.Count} faces of {standing.DistinctBy(face => face.Person).Count()}, accepted {collection.Accepted}";
    }

    private static string Line(ModelJob job, long keptFor)
    {
        var (succeeded, final) = (job.Items.Count(item => item.End is { Succeeded: true }), job.Items.Count(item => item.End is not null));
        return $"job {job.Id} place {job.Accepted} {job.Status} {succeeded}+{final - succeeded} of {job.Items.Count} at {job.Created} started {Time(job.Started)} completed {Time(job.Completed)}" +
            $" expires {Time(job.Completed + keptFor)} cancelled {Time(job.Cancelled)} undone {Time(job.UndoneAt)} parent {job.Parent?.Id ?? "-"} {job.FailedWith ?? "-"}";
    }

    private static string Line(ModelItem item)
    {
        var end = item.End;
        var quality = end?.Outcome is "enrolled" or "replaced" or "kept" or "unchanged" ? $" quality {Number(item.Picture.Quality)}" : "";
        var existing = end?.Existing is { } before ? $" existing {Number(before)}" : "";
        var what = item.Person is null ? "" : $"{item.Picture.Sha256}{ModelActor.Metadata}";
        return $"item {item.Id} of {item.Person} {end?.Outcome ?? "open"}{(end is { Succeeded: true } ? " names a face" : "")}{quality}{existing} upload {item.Blob ?? "-"} {what}";
    }

    private static string Line(ModelItem item, ModelWork work) =>
        $"work {item.Id} tag {work.Tag} suspect {Bit(work.Suspect)} crashes {work.Crashes} decode {Bit(work.Decode)} begun {Bit(work.Begun)}" +
        (work.Lease is { } lease ? $" held by {lease.Worker} until {lease.Until} at most {lease.Deadline}" : $" waits until {work.ReadyAt}");

    private static string Line(ModelCollection collection, ModelReference face) =>
        $"face {face.Key} of {face.Person} {face.Picture.Sha256} in {collection.Id} by {(face.Maker is { IsSingle: false } maker ? maker.Id : "-")}" +
        $" owner {face.Jobs.Max()} {(face.Stands ? "stands" : $"superseded by {face.SupersededBy!.Id}")} image {face.Image ?? "-"}";

    private static string Time(long? time) => time?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Number(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    private static int Bit(bool value) => value ? 1 : 0;
}
