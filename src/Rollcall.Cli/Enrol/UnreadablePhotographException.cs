using Rollcall.Cli.Sources;

namespace Rollcall.Cli.Enrol;

/// <summary>A photograph of a job could not be read, so the job was not sent.</summary>
internal sealed class UnreadablePhotographException(RunPhotograph photograph, Refusal refusal, Exception? inner = null) : Exception(refusal.Message, inner)
{
    public RunPhotograph Photograph => photograph;

    public Refusal Refusal => refusal;

    /// <summary>What an upload failed of, which may wrap it; null when it was something else.</summary>
    public static UnreadablePhotographException? In(Exception exception) =>
        exception as UnreadablePhotographException ?? (exception as HttpRequestException)?.InnerException as UnreadablePhotographException;
}
