namespace Rollcall.Faces.Models;

/// <summary>A pack could not be obtained. The message tells an operator what was tried, why it failed and what to do.</summary>
/// <param name="message">The whole story, several lines.</param>
/// <param name="inner">The last failure, where there was one.</param>
public sealed class ModelPackUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
