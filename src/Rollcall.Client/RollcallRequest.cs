namespace Rollcall.Client;

/// <summary>
/// What a <see cref="RollcallClient"/> tells the handlers of its <see cref="HttpClient"/> about each request, in
/// <see cref="HttpRequestMessage.Options"/>: for handlers that try again or limit the time.
/// </summary>
public static class RollcallRequest
{
    /// <summary>
    /// Whether the request may be sent again when nobody knows what became of it: a second one does nothing that the first did not, and its
    /// content can be read again.
    /// </summary>
    public static HttpRequestOptionsKey<bool> MayBeRepeated { get; } = new("Rollcall.MayBeRepeated");

    /// <summary>
    /// How much longer than an ordinary request this one may take until it is answered: because images go along, or because the server is to
    /// hold it.
    /// </summary>
    public static HttpRequestOptionsKey<TimeSpan> ExtraTime { get; } = new("Rollcall.ExtraTime");
}
