using System.Globalization;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Enrol;

/// <summary>How far a run is. Written by the lanes, read by whoever shows it.</summary>
internal sealed class RunBoard(TimeProvider time, long total, long done)
{
    private static readonly TimeSpan NoteStays = TimeSpan.FromSeconds(10);

    private readonly Lock _turn = new();
    private readonly Dictionary<string, JobSoFar> _running = [];
    private readonly SortedDictionary<string, long> _failures = new(StringComparer.Ordinal);
    private readonly long _began = time.GetTimestamp();
    private readonly long _before = done;
    private long _final = done;
    private int _sending;
    private (string Text, long At)? _note;

    public void Sending()
    {
        lock (_turn) _sending++;
    }

    public void Sent()
    {
        lock (_turn) _sending--;
    }

    /// <summary>How far a job is that does not tell its items.</summary>
    public void At(string job, int processed)
    {
        lock (_turn) Running(job).Processed = processed;
    }

    /// <summary>An item of a job that goes on.</summary>
    public void Ended(string job, BatchItem item)
    {
        lock (_turn)
        {
            var running = Running(job);
            running.Processed++;
            if (item.Error?.Code is { } code) running.Failures.Add(code);
        }
    }

    public void Failed(string code)
    {
        lock (_turn)
        {
            _final++;
            _failures[code] = _failures.GetValueOrDefault(code) + 1;
        }
    }

    public void Finished(BatchJob job)
    {
        lock (_turn)
        {
            _running.Remove(job.JobId);
            _final += job.Total;
            foreach (var item in job.Results ?? [])
            {
                if (item.Error?.Code is { } code) _failures[code] = _failures.GetValueOrDefault(code) + 1;
            }
        }
    }

    /// <summary>What came of a job does not count.</summary>
    public void Forget(string job)
    {
        lock (_turn) _running.Remove(job);
    }

    /// <summary>Why it does not go on just now.</summary>
    public void Note(string text)
    {
        lock (_turn) _note = (text, time.GetTimestamp());
    }

    public RunProgress Read()
    {
        lock (_turn)
        {
            var reached = _final + _running.Values.Sum(job => job.Processed);
            var elapsed = time.GetElapsedTime(_began);
            var rate = elapsed > TimeSpan.FromSeconds(1) ? (reached - _before) / elapsed.TotalSeconds : 0;
            return new(reached, total, rate, rate > 0 ? TimeSpan.FromSeconds((total - reached) / rate) : null)
            {
                Sending = _sending,
                Enrolling = _running.Count,
                Failures = [.. Failures()],
                Note = _note is { } note && time.GetElapsedTime(note.At) < NoteStays ? note.Text : null,
            };
        }
    }

    private JobSoFar Running(string job)
    {
        if (!_running.TryGetValue(job, out var running)) _running[job] = running = new JobSoFar();
        return running;
    }

    private SortedDictionary<string, long> Failures()
    {
        var failures = new SortedDictionary<string, long>(_failures, StringComparer.Ordinal);
        foreach (var code in _running.Values.SelectMany(job => job.Failures)) failures[code] = failures.GetValueOrDefault(code) + 1;
        return failures;
    }

    private sealed class JobSoFar
    {
        public int Processed { get; set; }

        public List<string> Failures { get; } = [];
    }
}

/// <param name="Reached">Photographs that are final.</param>
/// <param name="Total">All of the run.</param>
/// <param name="Rate">A second, since this command began.</param>
/// <param name="Left">How much longer at that rate; null when that cannot be said.</param>
internal sealed record RunProgress(long Reached, long Total, double Rate, TimeSpan? Left)
{
    public int Sending { get; init; }

    public int Enrolling { get; init; }

    public IReadOnlyList<KeyValuePair<string, long>> Failures { get; init; } = [];

    public string? Note { get; init; }

    public double Share => Total == 0 ? 1 : (double)Reached / Total;

    public override string ToString()
    {
        var failed = Failures.Sum(failure => failure.Value);
        var text = string.Create(CultureInfo.InvariantCulture, $"{Reached:N0} of {Total:N0} photographs ({Share:P0})");
        if (Rate > 0) text += string.Create(CultureInfo.InvariantCulture, $", {Rate:0.0}/s");
        if (Left is { } left && Reached < Total) text += $", {Span(left)} left";
        if (failed > 0) text += string.Create(CultureInfo.InvariantCulture, $", {failed:N0} failed");
        return Note is null ? text : $"{text}; {Note}";
    }

    private static string Span(TimeSpan span) => span.TotalHours >= 1
        ? $"{(int)span.TotalHours} h {span.Minutes} min"
        : span.TotalMinutes >= 1 ? $"{span.Minutes} min {span.Seconds} s" : $"{span.Seconds} s";
}
