using Rollcall.Faces.Models;

namespace Rollcall.Server.Recognition;

/// <summary>
/// Which model pack runs and where it comes from: the folder, else the cache, else the mirror, else its public address; else, where that
/// is allowed, the built-in pack instead.
/// </summary>
internal sealed class ModelOptions
{
    // Where the built-in pack stands ready, a network that does not answer is not worth a wait of minutes.
    private const int FewTries = 2;

    /// <summary>The pack that was asked for; null: the data folder's, in a new one the standard pack.</summary>
    public string? Pack { get; set; }

    /// <summary>A folder that holds the pack's files.</summary>
    public string? Folder { get; set; }

    /// <summary>A folder of packs, one below it for each, for machines without the public network.</summary>
    public string? Mirror { get; set; }

    public bool AllowDownload { get; set; } = true;

    /// <summary>Whether the pack that is a part of the program may run. It is for trying out: <c>./run</c> allows it, a program that was published does not.</summary>
    public bool AllowBuiltIn { get; set; }

    public ModelStoreOptions ToStore(string cache) => new()
    {
        Folder = Folder,
        Cache = cache,
        Mirror = Mirror,
        AllowDownload = AllowDownload,
        TriesInVain = AllowBuiltIn ? FewTries : new ModelStoreOptions { Cache = cache }.TriesInVain,
    };
}
