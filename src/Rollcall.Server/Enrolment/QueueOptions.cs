using System.ComponentModel.DataAnnotations;

namespace Rollcall.Server.Enrolment;

internal sealed class QueueOptions
{
    /// <summary>Images worked on at a time; one for each core unless set.</summary>
    [Range(0, 256)]
    public int Concurrency { get; set; }

    /// <summary>How long an item belongs to a worker that does not renew.</summary>
    [Range(typeof(TimeSpan), "00:00:03", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an item may take, renewed or not.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan MaxRun { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often an idle worker looks for work that no signal told of.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a finished job is kept.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan KeepJobs { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The process ended this often inside the decoder on one item, alone: the item is given up.</summary>
    [Range(1, 100)]
    public int MaxCrashes { get; set; } = 3;

    /// <summary>The pause after the first crash; the second is twice as long, and so on.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan CrashPause { get; set; } = TimeSpan.FromSeconds(2);

    public int Workers => Concurrency > 0 ? Concurrency : Environment.ProcessorCount;
}
