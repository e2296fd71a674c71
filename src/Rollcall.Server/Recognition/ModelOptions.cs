using System.ComponentModel.DataAnnotations;
using Rollcall.Faces.Models;

namespace Rollcall.Server.Recognition;

/// <summary>Which model pack runs and where it comes from: the folder, else the cache, else the mirror, else its public address.</summary>
internal sealed class ModelOptions
{
    [Required]
    public string Pack { get; set; } = "standard";

    /// <summary>A folder that holds the pack's files.</summary>
    public string? Folder { get; set; }

    /// <summary>A folder of packs, one below it for each, for machines without the public network.</summary>
    public string? Mirror { get; set; }

    public bool AllowDownload { get; set; } = true;

    public ModelStoreOptions ToStore(string cache) => new()
    {
        Folder = Folder,
        Cache = cache,
        Mirror = Mirror,
        AllowDownload = AllowDownload,
    };
}
