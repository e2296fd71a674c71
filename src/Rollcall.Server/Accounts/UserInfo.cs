using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Accounts;

/// <summary>
/// What the issuer says now of who has a good token (OpenID Connect Core 5.3): what they lose there ends here when the answer is a minute old,
/// whatever the token says. Of an answer the roles are kept and nothing else.
/// </summary>
internal sealed partial class UserInfo(Issuer issuer, IOptions<AccountOptions> options, TimeProvider time, ILogger<UserInfo> logger)
{
    /// <summary>The contract's time for the end of access; counted from the question, for the answer may be as old.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(1);

    /// <summary>One more makes the oldest be asked again.</summary>
    public const int MostTokens = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Question> _questions = [];
    private long? _told;

    public int Entries
    {
        get
        {
            lock (_lock) return _questions.Count;
        }
    }

    private OpenIdConnectOptions Settings => options.Value.OpenIdConnect;

    /// <summary>The roles of who has the token, which has been found good; requests of one token share a question.</summary>
    public async Task<Result<Grant[]>> AskAsync(string? endpoint, string text, string hash, string subject, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(endpoint))
        {
            if (IsToTell()) LogNoEndpoint(Settings.Authority!);
            return Silent();
        }

        Question? question;
        lock (_lock)
        {
            if (!_questions.TryGetValue(hash, out question) || !IsFresh(question))
            {
                MakeRoom();
                // Not for as long as the request that asks: others wait for the same answer.
                question = new Question(time.GetTimestamp(), Task.Run(() => AskAsync(endpoint, text, subject), CancellationToken.None));
                _questions[hash] = question;
            }
        }

        return await question.Answer.WaitAsync(ct);
    }

    private async Task<Result<Grant[]>> AskAsync(string endpoint, string text, string subject)
    {
        using var limit = new CancellationTokenSource(Issuer.AnswersWithin, time);
        try
        {
            using var answer = await issuer.AskAboutAsync(endpoint, text, limit.Token);
            if (answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) return Ended();
            answer.EnsureSuccessStatusCode();
            if (string.Equals(answer.Content.Headers.ContentType?.MediaType, "application/jwt", StringComparison.OrdinalIgnoreCase))
            {
                if (IsToTell()) LogSigned(Settings.Authority!);
                return Silent();
            }

            using var said = await JsonDocument.ParseAsync(
                await answer.Content.ReadAsStreamAsync(limit.Token), new JsonDocumentOptions { AllowDuplicateProperties = false }, limit.Token);
            var isAboutThem = said.RootElement.TryGetProperty("sub", out var sub) && sub.ValueKind == JsonValueKind.String && sub.ValueEquals(subject);
            if (!isAboutThem) return Ended();
            return Settings.GrantsOf((claim, value) => Has(said.RootElement, claim, value));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever it is, it is the issuer's: unreachable, too slow, or no answer that can be read.
            if (IsToTell()) LogSilent(e, Settings.Authority!);
            return Silent();
        }
    }

    private static bool Has(JsonElement person, string name, string value) => person.TryGetProperty(name, out var claim)
        && (claim.ValueKind == JsonValueKind.Array ? claim.EnumerateArray().Any(member => Is(member, value)) : Is(claim, value));

    private static bool Is(JsonElement claim, string value) => claim.ValueKind switch
    {
        JsonValueKind.String => claim.ValueEquals(value),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => claim.GetRawText() == value,
        _ => false,
    };

    /// <summary>While it is under way, too; that is over within seconds.</summary>
    private bool IsFresh(Question question)
    {
        var isSilence = question.Answer.IsCompletedSuccessfully && question.Answer.Result.IsRefused(out var problem, out _) && problem.Code == ErrorCodes.ServiceBusy;
        return time.GetElapsedTime(question.At) < (isSilence ? Issuer.AskedAtMostEvery : KeptFor);
    }

    private void MakeRoom()
    {
        foreach (var (hash, question) in _questions)
        {
            if (!IsFresh(question)) _questions.Remove(hash);
        }

        if (_questions.Count >= MostTokens) _questions.Remove(_questions.MinBy(entry => entry.Value.At).Key);
    }

    /// <summary>The operator, now and then: an issuer that is out is so for every token.</summary>
    private bool IsToTell()
    {
        lock (_lock)
        {
            if (_told is { } told && time.GetElapsedTime(told) < Issuer.AskedAtMostEvery) return false;
            _told = time.GetTimestamp();
            return true;
        }
    }

    private static Problem Ended() => new(ErrorCodes.TokenInvalid, "The issuer says that this access token counts no more, or not for this person: log in there again.");

    private static Problem Silent() => new(ErrorCodes.ServiceBusy, "The issuer does not say whether this access token still counts: try again shortly.")
    {
        RetryAfterSeconds = (int)Issuer.AskedAtMostEvery.TotalSeconds,
    };

    [LoggerMessage(1212, LogLevel.Warning, "The issuer {Authority} gives no usable answer at its UserInfo endpoint; the tokens in question are refused with 503.")]
    private partial void LogSilent(Exception exception, string authority);

    [LoggerMessage(1213, LogLevel.Warning, "The issuer {Authority} signs its UserInfo answers (application/jwt), which this server does not read: have it answer with JSON. Its tokens are refused with 503.")]
    private partial void LogSigned(string authority);

    [LoggerMessage(1214, LogLevel.Warning, "Accounts:OpenIdConnect:AskUserInfo is on and the issuer {Authority} names no userinfo_endpoint: mend the issuer, or switch it off. Its tokens are refused with 503.")]
    private partial void LogNoEndpoint(string authority);

    private sealed record Question(long At, Task<Result<Grant[]>> Answer);
}
