using System.ComponentModel.DataAnnotations;

namespace Rollcall.Server.Hosting;

/// <summary>How much one caller may ask for. 0 switches a limit off.</summary>
internal sealed class LimitOptions
{
    private const int MostPerMinute = 100_000_000;

    /// <summary>Requests of one credential in a minute.</summary>
    [Range(0, MostPerMinute)]
    public int RequestsPerMinute { get; set; } = 6_000;

    /// <summary>Batches of one credential in a minute.</summary>
    [Range(0, MostPerMinute)]
    public int SubmitsPerMinute { get; set; } = 600;

    /// <summary>Requests from one address in a minute that come without a valid credential.</summary>
    [Range(0, MostPerMinute)]
    public int AnonymousRequestsPerMinute { get; set; } = 1_200;

    /// <summary>Bytes of images that an organization may have stored, unless its row says otherwise.</summary>
    [Range(0, double.MaxValue)]
    public long StoredBytes { get; set; } = 50_000_000_000;
}
