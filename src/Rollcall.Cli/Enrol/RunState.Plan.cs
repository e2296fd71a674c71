using Dapper;
using Rollcall.Cli.Sources;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Enrol;

/// <summary>The plan: every photograph, cut into jobs.</summary>
internal sealed partial class RunState
{
    /// <summary>Writes the whole plan in one transaction: a run has all of it or none.</summary>
    /// <param name="sources">Where the photographs are.</param>
    /// <param name="told">Is told how many have been read, now and then.</param>
    /// <param name="cancellationToken">Ends the planning; nothing of it is left.</param>
    public void Plan(IReadOnlyList<PhotographSource> sources, Action<long> told, CancellationToken cancellationToken)
    {
        using var transaction = _database.BeginTransaction();
        var read = 0L;
        for (var source = 0; source < sources.Count; source++)
        {
            foreach (var photograph in sources[source].Photographs())
            {
                cancellationToken.ThrowIfCancellationRequested();
                Add(source, photograph);
                if (++read % 10_000 == 0) told(read);
            }
        }

        Cut(JobCutter.Cut(Unsent()), null);
        _database.Execute("UPDATE run SET planned = 1, sources = @looks", new { looks = Looks(sources) }, transaction);
        transaction.Commit();
        IsPlanned = true;
    }

    /// <summary>Whether a list or an archive is another one than when it was read.</summary>
    public bool HaveChanged(IReadOnlyList<PhotographSource> sources) => _database.ExecuteScalar<string>("SELECT sources FROM run") != Looks(sources);

    /// <summary>Photographs that have come since the plan was made.</summary>
    public long CountUnplanned(IReadOnlyList<PhotographSource> sources, CancellationToken cancellationToken)
    {
        var unplanned = 0L;
        for (var source = 0; source < sources.Count; source++)
        {
            foreach (var photograph in sources[source].Photographs())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!_database.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM photograph WHERE source = @source AND location = @Location)", new { source, photograph.Location })) unplanned++;
            }
        }

        return unplanned;
    }

    /// <summary>External ids that come from files in more than one folder, in the sources that are asked for.</summary>
    public IReadOnlyList<string> Scattered(IReadOnlyList<int> sources)
    {
        _database.CreateFunction("folder_of", (string path) => System.IO.Path.GetDirectoryName(path) ?? "", isDeterministic: true);
        return _database.Query<string>(
            """
            SELECT external_id FROM photograph WHERE source IN @sources AND external_id <> ''
            GROUP BY external_id HAVING min(folder_of(location)) <> max(folder_of(location)) ORDER BY external_id LIMIT 3
            """,
            new { sources }).AsList();
    }

    private static string Looks(IReadOnlyList<PhotographSource> sources) => string.Join('\n', sources.Select(source => source.Looks));

    /// <summary>Writes a plan whose photographs are known already, with what is to happen to those who are enrolled.</summary>
    public void Plan(IEnumerable<Photograph> photographs, OnDuplicate mode)
    {
        using var transaction = _database.BeginTransaction();
        foreach (var photograph in photographs)
        {
            Add(0, photograph);
        }

        Cut(JobCutter.Cut(Unsent()), mode);
        _database.Execute("UPDATE run SET planned = 1");
        transaction.Commit();
        IsPlanned = true;
    }

    private long Add(int source, Photograph photograph) => _database.ExecuteScalar<long>(
        """
        INSERT INTO photograph (source, location, external_id, metadata, outcome, code, message)
        VALUES (@source, @Location, @ExternalId, @Metadata, @outcome, @code, @message) RETURNING id
        """,
        new
        {
            source,
            photograph.Location,
            photograph.ExternalId,
            photograph.Metadata,
            outcome = photograph.Refusal is null ? null : WireName.Of(ItemOutcome.Failed),
            code = photograph.Refusal?.Code,
            message = photograph.Refusal?.Message,
        });

    /// <summary>All photographs of a person one after the other, in the order in which they were read. Not held in memory.</summary>
    private IEnumerable<(long Photograph, string ExternalId)> Unsent() => _database.Query<(long, string)>(
        "SELECT id, external_id FROM photograph WHERE outcome IS NULL ORDER BY external_id, id", buffered: false);

    private void Cut(IEnumerable<PlannedJob> jobs, OnDuplicate? chosen)
    {
        long? before = null;
        foreach (var job in jobs)
        {
            // null is what the command was asked for, which the settings of the collection may decide. A continuation's is said by the job before.
            before = _database.ExecuteScalar<long>(
                "INSERT INTO job (comes_after, on_duplicate) VALUES (@after, @mode) RETURNING id",
                new { after = job.IsContinuation ? before : null, mode = chosen is { } one ? WireName.Of(one) : null });
            for (var place = 0; place < job.Photographs.Count; place++)
            {
                _database.Execute("INSERT INTO item (job, place, photograph) VALUES (@before, @place, @photograph)", new { before, place, photograph = job.Photographs[place] });
            }
        }
    }
}
