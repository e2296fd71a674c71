using System.Net.Http.Headers;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Rollcall.Server.Accounts;

/// <summary>
/// What the external issuer says of itself: its name and its keys. The library's ConfigurationManager would go by the wall clock and refuse the
/// first tokens of a new key, because it looks for it in the background; here the request waits for the answer.
/// </summary>
internal sealed partial class Issuer(IOptions<AccountOptions> options, TimeProvider time, ILogger<Issuer> logger) : IDocumentRetriever, IDisposable
{
    /// <summary>However many tokens name keys that nobody knows.</summary>
    public static readonly TimeSpan AskedAtMostEvery = TimeSpan.FromSeconds(10);

    /// <summary>A key that the issuer has withdrawn is believed for so long.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    /// <summary>And for so long when the issuer does not answer.</summary>
    public static readonly TimeSpan KeptInSilenceFor = TimeSpan.FromHours(24);

    /// <summary>Both of its documents together.</summary>
    public static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(5);

    private const int MostBytes = 1024 * 1024;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Timeout.InfiniteTimeSpan, // by AnswersWithin
        MaxResponseContentBufferSize = MostBytes,
    };

    private volatile Answer? _answer;
    private long? _asked;

    private OpenIdConnectOptions Settings => options.Value.OpenIdConnect;

    /// <summary>The issuer with its keys, asked again when it has none of this id; null when it does not answer.</summary>
    public async Task<OpenIdConnectConfiguration?> DescribeAsync(string? keyId, CancellationToken ct)
    {
        if (IsEnough(_answer, keyId)) return _answer!.Configuration;

        if (!await _turn.WaitAsync(TimeSpan.Zero, ct))
        {
            // Somebody is asking already, and may wait long for the answer: a key that is known will do meanwhile.
            if (_answer is { } known && Has(known, keyId) && IsYounger(known.At, KeptInSilenceFor)) return known.Configuration;
            await _turn.WaitAsync(ct);
        }

        try
        {
            if (!IsEnough(_answer, keyId) && !IsYounger(_asked, AskedAtMostEvery)) await AskAsync();
            return _answer is { } answer && IsYounger(answer.At, KeptInSilenceFor) ? answer.Configuration : null;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A document of the issuer, which may name another host for its keys, but not one that anybody on the way can answer for.</summary>
    public Task<string> GetDocumentAsync(string address, CancellationToken cancel) => _http.GetStringAsync(AddressOf(address), cancel);

    /// <summary>What the issuer answers, at an address that it names itself, to who sends it one of its tokens.</summary>
    public async Task<HttpResponseMessage> AskAboutAsync(string address, string token, CancellationToken ct)
    {
        using var question = new HttpRequestMessage(HttpMethod.Get, AddressOf(address));
        question.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        question.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return await _http.SendAsync(question, ct);
    }

    public void Dispose()
    {
        _http.Dispose();
        _turn.Dispose();
    }

    private Uri AddressOf(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && Settings.MayAsk(address)
        ? address
        : throw new InvalidDataException($"'{text}' is not an https address.");

    private bool IsEnough(Answer? answer, string? keyId) => answer is not null && IsYounger(answer.At, KeptFor) && Has(answer, keyId);

    private static bool Has(Answer answer, string? keyId) =>
        string.IsNullOrEmpty(keyId) || answer.Configuration.SigningKeys.Any(key => key.KeyId == keyId);

    /// <summary>Not by the clock on the wall: one that is set back would keep the issuer from being asked.</summary>
    private bool IsYounger(long? moment, TimeSpan age) => moment is { } since && time.GetElapsedTime(since) < age;

    /// <summary>Not for as long as the request that asks: others wait for the same answer.</summary>
    private async Task AskAsync()
    {
        _asked = time.GetTimestamp();
        using var limit = new CancellationTokenSource(AnswersWithin, time);
        try
        {
            var said = await OpenIdConnectConfigurationRetriever.GetAsync(
                $"{Settings.Authority!.TrimEnd('/')}/.well-known/openid-configuration", this, limit.Token);
            if (!Settings.Names(said.Issuer ?? "")) throw new InvalidDataException($"It names itself '{said.Issuer}', which is not its address.");
            if (said.SigningKeys.Count == 0) throw new InvalidDataException("It has no keys.");
            _answer = new Answer(said, time.GetTimestamp());
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever it is, it is the issuer's: unreachable, too slow, or no OpenID Connect. The library has no one exception for that.
            LogSilent(e, Settings.Authority!);
        }
    }

    [LoggerMessage(1210, LogLevel.Warning, "The issuer {Authority} gives no usable answer about its keys; its tokens are refused with 503, or go by the keys that are known.")]
    private partial void LogSilent(Exception exception, string authority);

    private sealed record Answer(OpenIdConnectConfiguration Configuration, long At);
}
