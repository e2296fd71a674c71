using Microsoft.Extensions.Logging;

namespace Rollcall.Faces.Models;

/// <summary>Obtains a pack's files: configured folder, cache, mirror, public address, in this order.</summary>
/// <param name="options">Where to look.</param>
/// <param name="http">For the public addresses.</param>
/// <param name="time">For the progress messages.</param>
/// <param name="logger">Tells the operator what is going on.</param>
#pragma warning disable CS9113 // the body follows
public sealed class ModelStore(ModelStoreOptions options, HttpClient http, TimeProvider time, ILogger<ModelStore> logger)
#pragma warning restore CS9113
{
    /// <summary>Obtains and verifies every file of the pack.</summary>
    /// <param name="ct">Ends the wait; what was downloaded in part is removed.</param>
    /// <exception cref="ModelPackUnavailableException">The pack is unknown, or a file could not be had anywhere.</exception>
    public Task<InstalledPack> ObtainAsync(CancellationToken ct) => throw new NotImplementedException();
}
