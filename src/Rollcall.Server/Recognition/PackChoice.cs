using Dapper;
using Microsoft.Extensions.Options;
using Rollcall.Faces.Models;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Recognition;

/// <summary>
/// Which pack a start runs: the one that is asked for, else that of the data folder's collections, else the standard one; and on a data
/// folder without collections, where it is allowed and nothing else can be had, the built-in one. docs/adr/0015 says why.
/// </summary>
internal sealed partial class PackChoice(IOptions<ModelOptions> options, ModelStore store, Database database, ILogger<PackChoice> logger)
{
    private const string Places =
        "The mirror folder is set by Rollcall__Models__Mirror=DIR or --Models:Mirror=DIR, a folder of the pack's own files by Models:Folder.";

    public async Task<InstalledPack> ObtainAsync(CancellationToken ct)
    {
        var settings = options.Value;
        var used = await UsedAsync(ct);
        var pack = Choose(settings.Pack, used, settings.AllowBuiltIn);
        try
        {
            var installed = await store.ObtainAsync(pack, ct);
            if (pack.BuiltIn && settings.Pack is null) LogStays(pack.Id, ModelPack.Standard.Id);
            else if (used.FirstOrDefault(id => id != pack.Id) is { } other) LogOthers(other, pack.Id);
            return installed;
        }
        catch (ModelPackUnavailableException missing) when (!pack.BuiltIn)
        {
            if (settings is not { Pack: null, AllowBuiltIn: true } || used.Count > 0)
                throw new ModelPackUnavailableException($"{missing.Message}\n{Places}\n{WhyNotBuiltIn(settings, used)}", missing.Tried, missing);
            LogInstead(pack.Id, ModelPack.Compact.Id, string.Join("; ", missing.Tried));
            return await store.ObtainAsync(ModelPack.Compact, ct);
        }
    }

    /// <summary>The pack of this name, or the operator's mistake.</summary>
    public static ModelPack Known(string id) => ModelPack.Find(id) ?? throw new StartupException(
        $"There is no model pack '{id}'. This build knows: {string.Join(", ", ModelPack.All.Select(known => known.Id))}.");

    /// <summary>The pack, before its files are looked for.</summary>
    /// <param name="asked">What the settings ask for, or null.</param>
    /// <param name="used">The packs of the data folder's collections, the first one's first.</param>
    /// <param name="allowBuiltIn">Whether the built-in pack may run.</param>
    public static ModelPack Choose(string? asked, IReadOnlyList<string> used, bool allowBuiltIn)
    {
        var known = used.Select(ModelPack.Find).OfType<ModelPack>().ToList();
        var pack = asked is null
            ? known.Find(one => !one.BuiltIn) ?? (used.Count == known.Count ? known.FirstOrDefault() : null) ?? ModelPack.Standard
            : Known(asked);
        if (!pack.BuiltIn) return pack;

        if (!allowBuiltIn)
        {
            throw new StartupException(asked is null
                ? $"The collections of this data folder were made with the built-in model pack '{pack.Id}', which is for trying out and runs only with Models:AllowBuiltIn=true. "
                    + $"For production take a data folder of its own (--data DIR), or start this one with Models:Pack={ModelPack.Standard.Id} and enrol the photographs anew into new collections."
                : $"Models:Pack={pack.Id} asks for the built-in model pack, which is for trying out and runs only with Models:AllowBuiltIn=true. For production take '{ModelPack.Standard.Id}'.");
        }

        if (used.Count > 0 && !used.Contains(pack.Id))
        {
            throw new StartupException(
                $"The collections of this data folder were made with the model pack '{used[0]}'. The built-in pack '{pack.Id}' does not run on it: vectors of two packs are never compared. "
                + $"Leave Models:Pack out to go on with '{used[0]}', or try '{pack.Id}' in a data folder of its own: --data DIR.");
        }

        return pack;
    }

    private static string WhyNotBuiltIn(ModelOptions settings, IReadOnlyList<string> used)
    {
        var built = ModelPack.Compact.Id;
        if (used.Count > 0)
            return $"The built-in pack '{built}' does not stand in: this data folder has collections of '{string.Join("', '", used)}', and vectors of two packs are never compared. For a trial with it take a new data folder: --data DIR.";
        return settings.AllowBuiltIn
            ? $"The built-in pack '{built}' does not stand in for one that is asked for. For a trial with it leave Models:Pack out."
            : $"For a trial without these files, Models:AllowBuiltIn=true runs the built-in pack '{built}', which is not for production.";
    }

    private async Task<IReadOnlyList<string>> UsedAsync(CancellationToken ct)
    {
        var ids = await database.ReadAsync(
            tx => tx.Connection!.QueryAsync<string>("SELECT model FROM collection WHERE deleted_at IS NULL GROUP BY model ORDER BY MIN(created_at), MIN(id)", null, tx), ct);
        return [.. ids];
    }
}
