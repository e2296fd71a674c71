using System.ComponentModel.DataAnnotations;

namespace Rollcall.Server.Hosting;

internal sealed class HostingOptions
{
    /// <summary>How long a stop waits for requests and for images that are being worked on.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(25);
}
