namespace Rollcall.Faces.Models;

/// <summary>A pack could not be obtained. The message tells an operator what was tried, why it failed and what to do.</summary>
/// <param name="message">The whole story, several lines.</param>
/// <param name="tried">The places that were tried, each with its fault.</param>
/// <param name="inner">The last failure, where there was one.</param>
public sealed class ModelPackUnavailableException(string message, IReadOnlyList<string> tried, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The places that were tried, each with its fault.</summary>
    public IReadOnlyList<string> Tried { get; } = tried;
}
