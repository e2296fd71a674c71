namespace Rollcall.Faces.Models;

/// <summary>A pack whose files are on this machine, each verified by its SHA-256.</summary>
/// <param name="Pack">The manifest.</param>
/// <param name="Files">Where each file lies that was obtained, in the manifest's order.</param>
public sealed record InstalledPack(ModelPack Pack, IReadOnlyList<(ModelFile File, string Path)> Files)
{
    /// <summary>The path of the one file of a role.</summary>
    /// <param name="role">A role that the pack has one file for, and that was obtained.</param>
    public string PathOf(ModelRole role) => Files.Single(file => file.File.Role == role).Path;
}
