using Dapper;
using Microsoft.Data.Sqlite;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>
/// What a customer finds at the end of a campaign, and what lies in the data folder, held against what was acknowledged. Each image of a
/// campaign is a good one and has an external id of its own, so each must have exactly one face.
/// </summary>
internal sealed class Reckoning(string data, Customer customer, List<string> complaints)
{
    private static readonly (string What, string Sql)[] Counts =
    [
        ("rows of work are left", "SELECT COUNT(*) FROM work"),
        ("jobs count other than their items", """
            SELECT COUNT(*) FROM job j WHERE total <> (SELECT COUNT(*) FROM job_item WHERE job_id = j.id)
              OR succeeded <> (SELECT COUNT(*) FROM job_item WHERE job_id = j.id AND state = 1)
              OR failed <> (SELECT COUNT(*) FROM job_item WHERE job_id = j.id AND state = 2)
            """),
        ("collections count other than their faces", """
            SELECT COUNT(*) FROM collection c WHERE face_count <> (SELECT COUNT(*) FROM face WHERE collection_id = c.id AND state = 0)
              OR person_count <> (SELECT COUNT(DISTINCT person_num) FROM face WHERE collection_id = c.id AND state = 0)
            """),
        ("organizations count other bytes than are stored", """
            SELECT COUNT(*) FROM organization o WHERE stored_bytes <>
              (SELECT COALESCE(SUM(i.blob_bytes), 0) FROM job_item i JOIN job j ON j.id = i.job_id WHERE j.organization_id = o.id AND i.blob IS NOT NULL)
              + (SELECT COALESCE(SUM(image_bytes), 0) FROM face WHERE organization_id = o.id AND image IS NOT NULL)
            """),
        ("people are there without a face", "SELECT COUNT(*) FROM person p WHERE NOT EXISTS (SELECT 1 FROM face WHERE person_num = p.num)"),
        ("items were enrolled twice", "SELECT COUNT(*) FROM (SELECT 1 FROM face WHERE source_item_id IS NOT NULL GROUP BY source_item_id HAVING COUNT(*) > 1) AS twice"),
    ];

    /// <summary>Every job there is, as it ended; each one that was accepted must be among them, and each of its items enrolled.</summary>
    public async Task<IReadOnlyList<BatchJob>> JudgeJobsAsync(RollcallClient api, IEnumerable<string> accepted)
    {
        var jobs = new List<BatchJob>();
        foreach (var id in await JobsAsync(api)) jobs.Add(await api.WaitForCompletionAsync(BatchAddress.InOrganization(customer.Organization, id)));
        complaints.AddRange(accepted.Except(jobs.Select(job => job.JobId)).Select(id => $"{id} was accepted and is lost"));
        foreach (var job in jobs) complaints.AddRange(Judge(job));
        return jobs;
    }

    /// <param name="named">The face of each external id that was enrolled; null where the answer that named it was lost.</param>
    public async Task JudgeFacesAsync(RollcallClient api, IReadOnlyDictionary<string, string?> named)
    {
        var faces = new List<Face>();
        string? cursor = null;
        do
        {
            var page = await api.ListFacesAsync(customer.Collection, limit: 200, cursor: cursor);
            faces.AddRange(page.Faces);
            cursor = page.NextCursor;
        }
        while (cursor is not null);

        foreach (var person in faces.GroupBy(face => face.ExternalId).Where(person => person.Count() != 1)) complaints.Add($"{person.Key} has {person.Count()} faces");
        complaints.AddRange(faces.Where(face => !named.TryGetValue(face.ExternalId, out var id) || (id ?? face.FaceId) != face.FaceId).Select(face => $"{face.FaceId} belongs to no item"));
        complaints.AddRange(named.Keys.Except(faces.Select(face => face.ExternalId)).Select(id => $"{id} has no face"));
        var collection = await api.GetCollectionAsync(customer.Collection);
        if (collection.FaceCount != faces.Count || collection.PersonCount != faces.Count)
            complaints.Add($"the collection counts {collection.FaceCount} faces and {collection.PersonCount} people of {faces.Count}");
    }

    /// <summary>Of a server that has stopped, after a start that has swept: a sound file, no work left, counters that agree with the rows, a blob for each row that names one, and no other.</summary>
    public async Task JudgeFolderAsync()
    {
        await using var database = new SqliteConnection($"Data Source={Path.Combine(data, "rollcall.db")};Pooling=False");
        if (await database.ExecuteScalarAsync<string>("PRAGMA integrity_check") is var sound && sound != "ok") complaints.Add($"integrity_check: {sound}");
        foreach (var (what, sql) in Counts)
            if (await database.ExecuteScalarAsync<long>(sql) is var wrong and not 0) complaints.Add($"{wrong} {what}");

        var root = Path.Combine(data, "blobs");
        var blobs = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path).Replace('\\', '/')).ToHashSet(StringComparer.Ordinal);
        var rows = (await database.QueryAsync<string>("SELECT blob FROM job_item WHERE blob IS NOT NULL UNION ALL SELECT image FROM face WHERE image IS NOT NULL")).ToHashSet(StringComparer.Ordinal);
        complaints.AddRange(blobs.Except(rows).Select(blob => $"blob {blob} has no row"));
        complaints.AddRange(rows.Except(blobs).Select(blob => $"the row of {blob} has no blob"));
    }

    private async Task<List<string>> JobsAsync(RollcallClient api)
    {
        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = await api.ListBatchesAsync(customer.Organization, limit: 200, cursor: cursor);
            ids.AddRange(page.Jobs.Select(job => job.JobId));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return ids;
    }

    private static IEnumerable<string> Judge(BatchJob job)
    {
        if (job.Status != JobStatus.Done) yield return $"{job.JobId} ended {job.Status}: {job.Error?.Message}";
        if (job.Processed != job.Total || job.Succeeded + job.Failed != job.Processed || job.Results?.Count != job.Total)
            yield return $"{job.JobId} does not add up: {job.Total} {job.Processed} {job.Succeeded} {job.Failed} {job.Results?.Count}";
        foreach (var item in (job.Results ?? []).Where(item => item.Outcome != ItemOutcome.Enrolled))
            yield return $"{job.JobId} item {item.Index} ended {item.Outcome} {item.Error?.Code}";
    }
}
