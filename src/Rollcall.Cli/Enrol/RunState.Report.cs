using Dapper;

namespace Rollcall.Cli.Enrol;

/// <summary>What became of the photographs.</summary>
internal sealed partial class RunState
{
    public RunTotals Totals()
    {
        lock (_turn)
        {
            var outcomes = _database.Query<(string, long)>("SELECT coalesce(outcome, 'open'), count(*) FROM photograph GROUP BY 1 ORDER BY 2 DESC");
            var failures = _database.Query<(string, long)>("SELECT coalesce(code, '?'), count(*) FROM photograph WHERE outcome = 'failed' GROUP BY 1 ORDER BY 2 DESC, 1");
            var people = _database.ExecuteScalar<long>("SELECT count(DISTINCT external_id) FROM photograph WHERE external_id <> ''");
            return new(people, outcomes.ToDictionary(one => one.Item1, one => one.Item2), failures.ToDictionary(one => one.Item1, one => one.Item2));
        }
    }

    /// <summary>A few external ids, for a look at whether the rule is right.</summary>
    public IReadOnlyList<string> Examples()
    {
        lock (_turn)
        {
            return _database.Query<string>("SELECT DISTINCT external_id FROM photograph WHERE external_id <> '' ORDER BY id LIMIT 3").AsList();
        }
    }

    /// <summary>A line for each photograph of a run at its end, not held in memory; the failed first if asked.</summary>
    public IEnumerable<ReportLine> Lines(bool failedOnly = false) => _database.Query<ReportLine>(
        $"""
        SELECT source, location, external_id AS ExternalId, outcome, code, message, face_id AS FaceId, quality, job_id AS JobId
        FROM photograph {(failedOnly ? "WHERE outcome = 'failed' ORDER BY code, id" : "ORDER BY id")}
        """,
        buffered: false);
}

internal sealed record RunTotals(long People, IReadOnlyDictionary<string, long> Outcomes, IReadOnlyDictionary<string, long> Failures)
{
    public long Photographs => Outcomes.Values.Sum();

    public long Failed => Outcomes.GetValueOrDefault("failed");

    public long Open => Outcomes.GetValueOrDefault("open");
}

internal sealed record ReportLine(
    long Source, string Location, string ExternalId, string Outcome, string? Code, string? Message, string? FaceId, double? Quality, string? JobId);
