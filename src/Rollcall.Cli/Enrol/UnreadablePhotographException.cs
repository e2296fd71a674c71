using Rollcall.Cli.Sources;

namespace Rollcall.Cli.Enrol;

/// <summary>Photographs of a job cannot be sent, so the job was not.</summary>
internal sealed class UnreadablePhotographException(IReadOnlyList<(RunPhotograph Photograph, Refusal Refusal)> refused, Exception? inner = null)
    : Exception(refused[0].Refusal.Message, inner)
{
    public UnreadablePhotographException(RunPhotograph photograph, Exception inner)
        : this([(photograph, Refusal.Unreadable(inner))], inner)
    {
    }

    public IReadOnlyList<(RunPhotograph Photograph, Refusal Refusal)> Refused => refused;

    /// <summary>What an upload failed of, which may wrap it; null when it was something else.</summary>
    public static UnreadablePhotographException? In(Exception exception) =>
        exception as UnreadablePhotographException ?? (exception as HttpRequestException)?.InnerException as UnreadablePhotographException;
}
