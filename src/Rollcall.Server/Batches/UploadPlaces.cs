using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Batches;

/// <summary>
/// How many batches are received at a time: each holds a connection, a file and its buffers for as long as its sender likes, so that
/// slow senders must not come in any number, and those of one organization must not take all places.
/// </summary>
internal sealed class UploadPlaces
{
    public const int OfOne = 64;

    private const int All = 256;
    private const int RetryAfterSeconds = 5;

    private readonly SharedPlaces _places = new(All, OfOne);

    public static Problem None() => new(ErrorCodes.ServiceBusy, "Too many batches are being received: try again shortly.") { RetryAfterSeconds = RetryAfterSeconds };

    public bool TryEnter(string organizationId) => _places.TryEnter(organizationId);

    public void Leave(string organizationId) => _places.Leave(organizationId);
}
