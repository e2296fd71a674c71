namespace Rollcall.Faces.Models;

/// <summary>A pack whose files are on this machine, each verified by its SHA-256.</summary>
/// <param name="Pack">The manifest.</param>
/// <param name="Paths">The file for each role.</param>
public sealed record InstalledPack(ModelPack Pack, IReadOnlyDictionary<ModelRole, string> Paths);
