using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Recognition;

namespace Rollcall.Server.Tests.Enrolment;

/// <summary>Whether the store is what the model says.</summary>
internal sealed partial class OverlapRun
{
    private async Task CheckAsync(string after)
    {
        var state = await ReadAsync();
        CheckItems(state, after);
        CheckReferences(state, after);
        CheckJobs(state, after);
        Is(0, state.Strangers, $"people without a reference after {after}");
        Is(_jobs.Sum(job => job.Items.Count(item => item.End is null)), state.Work, $"open work after {after}");

        var index = await host.Get<IndexFeed>().LevelAsync(_collection, CancellationToken.None);
        var found = index.Search(Vector(0), 1000, -2, onePerPerson: false).Select(face => face.FaceKey).Order();
        Same(state.Faces.Where(face => face.State == 0).Select(face => face.Num).Order(), found, $"in the index after {after}");
    }

    private void CheckItems(State state, string after)
    {
        foreach (var item in _jobs.SelectMany(job => job.Items))
        {
            var row = state.Items[Id(item)];
            var what = $"item {_jobs.IndexOf(item.Job)}/{item.Index} after {after}";
            Is(item.Person ?? "", row.ExternalId, $"person of {what}");
            if (item.End is not { } end)
            {
                Is(0, row.State, $"state of {what}");
                continue;
            }

            Is(end.Outcome, row.ErrorCode ?? row.Outcome, $"outcome of {what}");
            if (end.Made is { FaceId: "" } made) made.FaceId = row.FaceId!;
            if (end.Succeeded) Assert.True(end.Faces.Any(face => face.FaceId == row.FaceId), $"face of {what}");
            else Is(null, row.FaceId, $"face of {what}");
            Is(end.Existing, row.ExistingQualityScore, $"existing quality of {what}");
            if (end.Outcome is "enrolled" or "replaced" or "kept" or "unchanged") Is(item.Picture.Quality, row.QualityScore, $"quality of {what}");

            // Who succeeded gives the upload up, and so does who is erased.
            Is(end.Succeeded || item.Person is null ? null : Id(item), row.Blob, $"upload of {what}");
        }
    }

    private void CheckReferences(State state, string after)
    {
        Same(
            _model.All.Select(r => $"{r.Person} picture {r.Picture.Number} {r.FaceId} of {r.Jobs.Max()} by {Name(r.Maker)} {(r.Stands ? "stands" : $"superseded by {r.SupersededBy!.Id}")}").Order(StringComparer.Ordinal),
            state.Faces.Select(f => $"{f.ExternalId} picture {Convert.ToInt32(f.ImageSha256, 16)} {f.Id} of {f.OwnerSeq} by {f.JobId ?? "nobody"} {(f.State == 0 ? "stands" : $"superseded by {f.SupersededBy}")}").Order(StringComparer.Ordinal),
            $"references after {after}");
        var standing = _model.All.Where(r => r.Stands).ToList();
        Is(standing.Count, state.FaceCount, $"face_count after {after}");
        Is(standing.Select(r => r.Person).Distinct().Count(), state.PersonCount, $"person_count after {after}");

        static string Name(ModelJob? maker) => maker is null or { IsSingle: true } ? "nobody" : maker.Id;
    }

    private void CheckJobs(State state, string after)
    {
        foreach (var job in _jobs)
        {
            var row = state.Jobs[job.Id];
            var succeeded = job.Items.Count(item => item.End is { Succeeded: true });
            var processed = job.Items.Count(item => item.End is not null);
            Is(
                (job.Accepted, processed, succeeded, processed - succeeded),
                (row.AcceptSeq, row.Processed, row.Succeeded, row.Failed),
                $"accept number and counters of job {_jobs.IndexOf(job)} after {after}");
            Is(processed == job.Items.Count, row.Status == "done", $"end of job {_jobs.IndexOf(job)} after {after}");
        }
    }

    /// <summary>A single enrolment says at once what became of it.</summary>
    private static void CheckSingle(ModelEnd? expected, Verdict verdict)
    {
        Is(
            expected?.Outcome,
            verdict switch { Verdict.Success s => WireName.Of(s.Outcome), Verdict.Failure f => f.Code, _ => null },
            "outcome of a single enrolment");
        if (verdict is not Verdict.Success success) return;

        if (expected!.Made is { } made) made.FaceId = success.Standing.Id;
        Assert.Contains(success.Standing.Id, expected.Faces.Select(face => face.FaceId));
    }

    /// <summary>As callers see it.</summary>
    private async Task CheckEndAsync()
    {
        foreach (var job in _jobs)
        {
            var seen = (await host.Get<BatchStore>().FindAsync(Organization, _collection, job.Id, ResultsView.All, CancellationToken.None))!;
            Is(JobStatus.Done, seen.Status, "status at the end");
            Same(job.Items.Select(item => item.End!.Outcome), seen.Results!.Select(item => item.Error?.Code ?? WireName.Of(item.Outcome)), "results at the end");
            Same(job.Items.Select(item => item.Index), seen.Results!.Select(item => item.Index), "results in order");
            Same(job.Items.Select(item => item.End!.Succeeded), seen.Results!.Select(item => item.Success), "successes");
            Same(job.Items.Select(item => item.End!.Succeeded), seen.Results!.Select(item => item.FaceId is not null), "faces that are named");
        }
    }

    private Task<State> ReadAsync() => _database.ReadAsync(
        async tx =>
        {
            var faces = await tx.Connection!.QueryAsync<FaceState>(
                "SELECT num, id, external_id, image_sha256, owner_seq, job_id, state, superseded_by FROM face WHERE collection_id = @_collection", new { _collection }, tx);
            var jobs = await tx.Connection!.QueryAsync<JobState>(
                "SELECT id, accept_seq, status, processed, succeeded, failed FROM job WHERE collection_id = @_collection", new { _collection }, tx);
            var items = await tx.Connection!.QueryAsync<ItemState>(
                """
                SELECT id, external_id, state, outcome, error_code, face_id, quality_score, existing_quality_score, blob FROM job_item
                WHERE job_id IN (SELECT id FROM job WHERE collection_id = @_collection)
                """,
                new { _collection },
                tx);
            var (faceCount, personCount, work, strangers) = await tx.Connection!.QuerySingleAsync<(long, long, long, long)>(
                """
                SELECT face_count, person_count, (SELECT COUNT(*) FROM work),
                  (SELECT COUNT(*) FROM person WHERE collection_id = @_collection AND NOT EXISTS (SELECT 1 FROM face WHERE person_num = person.num))
                FROM collection WHERE id = @_collection
                """,
                new { _collection },
                tx);
            return new State(
                [.. faces],
                jobs.ToDictionary(job => job.Id, StringComparer.Ordinal),
                items.ToDictionary(item => item.Id, StringComparer.Ordinal),
                (int)faceCount,
                (int)personCount,
                (int)work,
                (int)strangers);
        },
        CancellationToken.None);

    private static void Is<T>(T expected, T actual, string what) =>
        Assert.True(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: {expected} expected, it is {actual}");

    private static void Same<T>(IEnumerable<T> expected, IEnumerable<T> actual, string what)
    {
        var (left, right) = (expected.ToList(), actual.ToList());
        Assert.True(left.SequenceEqual(right), $"{what}:\nmissing\n  {string.Join("\n  ", left.Except(right))}\ntoo many\n  {string.Join("\n  ", right.Except(left))}");
    }

    private sealed record State(
        IReadOnlyList<FaceState> Faces,
        IReadOnlyDictionary<string, JobState> Jobs,
        IReadOnlyDictionary<string, ItemState> Items,
        int FaceCount,
        int PersonCount,
        int Work,
        int Strangers);

    private sealed record FaceState
    {
        public required long Num { get; init; }

        public required string Id { get; init; }

        public required string ExternalId { get; init; }

        public required string ImageSha256 { get; init; }

        public required long OwnerSeq { get; init; }

        public string? JobId { get; init; }

        public required int State { get; init; }

        public string? SupersededBy { get; init; }
    }

    private sealed record JobState
    {
        public required string Id { get; init; }

        public required long AcceptSeq { get; init; }

        public required string Status { get; init; }

        public required int Processed { get; init; }

        public required int Succeeded { get; init; }

        public required int Failed { get; init; }
    }

    private sealed record ItemState
    {
        public required string Id { get; init; }

        public required string ExternalId { get; init; }

        public required int State { get; init; }

        public string? Outcome { get; init; }

        public string? ErrorCode { get; init; }

        public string? FaceId { get; init; }

        public double? QualityScore { get; init; }

        public double? ExistingQualityScore { get; init; }

        public string? Blob { get; init; }
    }
}
