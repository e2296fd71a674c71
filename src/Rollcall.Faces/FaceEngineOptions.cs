namespace Rollcall.Faces;

/// <summary>How the engine uses the machine.</summary>
public sealed record FaceEngineOptions
{
    /// <summary>
    /// Threads inside one inference. Default 1: callers analyse pictures in parallel, and pictures in parallel make
    /// better use of cores than parts of one picture do (docs/adr/0003).
    /// </summary>
    public int ThreadsPerInference { get; init; } = 1;
}
