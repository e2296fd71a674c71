namespace Rollcall.Faces.Models;

/// <summary>A pack whose files are on this machine, each verified by its SHA-256.</summary>
/// <param name="Pack">The manifest.</param>
/// <param name="Files">Where each file lies that was obtained, in the manifest's order.</param>
public sealed record InstalledPack(ModelPack Pack, IReadOnlyList<(ModelFile File, string Path)> Files)
{
    /// <summary>Where a file of the pack lies, or null when it was not obtained.</summary>
    /// <param name="file">One of the pack's files.</param>
    public string? Find(ModelFile file) => Files.FirstOrDefault(one => one.File == file).Path;

    /// <summary>The path of the one file of a role.</summary>
    /// <param name="role">A role that the pack has one file for, and that was obtained.</param>
    public string PathOf(ModelRole role) => Files.Single(file => file.File.Role == role).Path;
}
