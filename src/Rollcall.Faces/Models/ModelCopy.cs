namespace Rollcall.Faces.Models;

/// <summary>A copy of a model file on this machine.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Fault">Why it cannot be used, or null when it can.</param>
public sealed record ModelCopy(string Path, string? Fault);
