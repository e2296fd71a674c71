using Dapper;
using Microsoft.Data.Sqlite;
using Rollcall.Cli.Sources;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Enrol;

/// <summary>The jobs of a run, taken one at a time, each by one lane.</summary>
internal sealed partial class RunState
{
    private readonly HashSet<long> _taken = [];

    /// <summary>The next job that may go on now, an accepted one first; null when none may.</summary>
    public RunJob? Take()
    {
        lock (_turn)
        {
            var row = Next(state: 1) ?? Next(state: 0);
            if (row is null) return null;
            _taken.Add(row.Id);
            return new(row.Id, Mode(row.OnDuplicate), row.JobId, Key(row.Id, row.Attempt), Photographs(row.Id));
        }
    }

    private JobRow? Next(int state) => _database.Query<JobRow>(
        """
        SELECT id, on_duplicate AS OnDuplicate, attempt, job_id AS JobId FROM job
        WHERE state = @state AND (comes_after IS NULL OR (SELECT before.state FROM job before WHERE before.id = job.comes_after) = 2) ORDER BY id
        """,
        new { state },
        buffered: false).FirstOrDefault(row => !_taken.Contains(row.Id));

    /// <summary>Whether the server has taken a job of this run.</summary>
    public bool HasAccepted()
    {
        lock (_turn)
        {
            return _database.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM job WHERE job_id IS NOT NULL)");
        }
    }

    /// <summary>What the files look like that are about to be sent, for those that never were.</summary>
    public void See(IEnumerable<(long Photograph, string Seen)> looks)
    {
        lock (_turn)
        {
            using var transaction = _database.BeginTransaction();
            _database.Execute(
                "UPDATE photograph SET seen = @Seen WHERE id = @Photograph AND seen IS NULL", looks.Select(look => new { look.Photograph, look.Seen }), transaction);
            transaction.Commit();
        }
    }

    /// <summary>Whether anything may have reached the server.</summary>
    public bool HasSent()
    {
        lock (_turn)
        {
            return _database.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM photograph WHERE seen IS NOT NULL)");
        }
    }

    /// <summary>Another name for the next submit of a job: what the last one meant is no longer what is to be sent.</summary>
    public RunJob Again(RunJob job)
    {
        lock (_turn)
        {
            var attempt = _database.ExecuteScalar<long>("UPDATE job SET attempt = attempt + 1, job_id = NULL, state = 0 WHERE id = @Id RETURNING attempt", new { job.Id });
            return job with { JobId = null, IdempotencyKey = Key(job.Id, attempt), Photographs = Photographs(job.Id) };
        }
    }

    public void Accepted(RunJob job, string jobId)
    {
        lock (_turn)
        {
            _database.Execute("UPDATE job SET job_id = @jobId, state = 1 WHERE id = @Id", new { jobId, job.Id });
        }
    }

    /// <summary>A photograph that does not reach the server.</summary>
    public void Fail(RunPhotograph photograph, Refusal refusal)
    {
        lock (_turn)
        {
            _database.Execute("UPDATE photograph SET outcome = 'failed', code = @Code, message = @Message WHERE id = @Id", new { refusal.Code, refusal.Message, photograph.Id });
        }
    }

    /// <summary>What became of the photographs of a job, and that it is final: together or not at all.</summary>
    public void Finish(RunJob job, BatchJob finished)
    {
        lock (_turn)
        {
            using var transaction = _database.BeginTransaction();
            foreach (var item in finished.Results ?? [])
            {
                var reasons = item.Error?.Details?["reasons"]?.AsArray().Select(reason => reason?.GetValue<string>());
                _database.Execute(
                    "UPDATE photograph SET outcome = @outcome, code = @code, message = @message, face_id = @FaceId, quality = @QualityScore, job_id = @JobId WHERE id = @id",
                    new
                    {
                        outcome = WireName.Of(item.Outcome),
                        code = item.Error?.Code,
                        message = reasons is null ? item.Error?.Message : $"{item.Error!.Message} ({string.Join(", ", reasons)})",
                        item.FaceId,
                        item.QualityScore,
                        finished.JobId,
                        id = job.Photographs[item.Index].Id,
                    },
                    transaction);
            }

            // A job that could not be started has no results.
            _database.Execute(
                "UPDATE photograph SET outcome = 'failed', code = @code, message = @message, job_id = @JobId WHERE outcome IS NULL AND id IN (SELECT photograph FROM item WHERE job = @Id)",
                new { code = finished.Error?.Code ?? ErrorCodes.ProcessingError, message = finished.Error?.Message ?? "The job ended without a result for it.", finished.JobId, job.Id },
                transaction);
            Close(job, HasTaken(finished), transaction);
            transaction.Commit();
        }
    }

    public void FinishEmpty(RunJob job)
    {
        lock (_turn)
        {
            using var transaction = _database.BeginTransaction();
            Close(job, hasTaken: false, transaction);
            transaction.Commit();
        }
    }

    /// <summary>
    /// A person with more photographs than a job holds goes on with what was asked for until something of theirs has been taken; what comes then is
    /// added to it. Otherwise those who were left alone, or not replaced, would get what is left over.
    /// </summary>
    private void Close(RunJob job, bool hasTaken, SqliteTransaction transaction)
    {
        _database.Execute("UPDATE job SET state = 2 WHERE id = @Id", new { job.Id }, transaction);
        var next = hasTaken ? OnDuplicate.Append : job.OnDuplicate;
        _database.Execute("UPDATE job SET on_duplicate = @next WHERE comes_after = @Id", new { next = next is { } mode ? WireName.Of(mode) : null, job.Id }, transaction);
    }

    private static bool HasTaken(BatchJob job) => job.Results?.Any(item => item.Outcome switch
    {
        ItemOutcome.Enrolled or ItemOutcome.Replaced => true,
        ItemOutcome.Unchanged => job.OnDuplicate is OnDuplicate.Replace or OnDuplicate.Append,
        _ => false,
    }) == true;

    private List<RunPhotograph> Photographs(long job) => _database.Query<RunPhotograph>(
        """
        SELECT p.id, p.source, p.location, p.external_id AS ExternalId, p.metadata, p.seen FROM item i JOIN photograph p ON p.id = i.photograph
        WHERE i.job = @job AND p.outcome IS NULL ORDER BY i.place
        """,
        new { job }).AsList();

    private static OnDuplicate? Mode(string? name) => WireName.TryParse<OnDuplicate>(name, out var mode) ? mode : null;

    private sealed record JobRow(long Id, string? OnDuplicate, long Attempt, string? JobId);
}

/// <summary>A job of the plan.</summary>
/// <param name="Id">In the plan.</param>
/// <param name="OnDuplicate">Null for what the command was asked for.</param>
/// <param name="JobId">The server's; null until it is accepted.</param>
/// <param name="IdempotencyKey">The name of its next submit.</param>
/// <param name="Photographs">Those without an outcome, which are what a submit sends.</param>
internal sealed record RunJob(long Id, OnDuplicate? OnDuplicate, string? JobId, string IdempotencyKey, IReadOnlyList<RunPhotograph> Photographs);

/// <param name="Seen">What it looked like when it was first sent; null before.</param>
internal sealed record RunPhotograph(long Id, long Source, string Location, string ExternalId, string? Metadata, string? Seen);
