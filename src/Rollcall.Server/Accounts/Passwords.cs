using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Accounts;

/// <summary>
/// Hashes passwords, and takes as long over an account that is not there as over one that is. A hash is a tenth of a second of a core, so a few
/// are made at a time, some wait in line, and the rest is told to come again: a flood of logins leaves the cores to the API.
/// </summary>
internal sealed class Passwords(IPasswordHasher<AccountRow> hasher, IOptions<AccountOptions> options) : IDisposable
{
    public const int Longest = 256;

    private const int Shortest = 8;
    private const int WaitingForEach = 16;
    private const int RetryAfterSeconds = 2;

    private readonly string _nobody = hasher.HashPassword(null!, Guid.NewGuid().ToString());
    private readonly ConcurrencyLimiter _turns = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = PlacesOf(options.Value),
        QueueLimit = PlacesOf(options.Value) * WaitingForEach,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    public static Problem? Wrong(string password) =>
        password.Length is < Shortest or > Longest ? Problem.Invalid($"password has {Shortest} to {Longest} characters.") : null;

    public async Task<Result<string>> HashAsync(string password, CancellationToken ct)
    {
        using var turn = await _turns.AcquireAsync(1, ct);
        return turn.IsAcquired ? hasher.HashPassword(null!, password) : Busy();
    }

    public async Task<Result<bool>> VerifyAsync(AccountRow? account, string password, CancellationToken ct)
    {
        using var turn = await _turns.AcquireAsync(1, ct);
        if (!turn.IsAcquired) return Busy();

        var verdict = hasher.VerifyHashedPassword(null!, account?.PasswordHash ?? _nobody, password);
        return account is not null && verdict != PasswordVerificationResult.Failed;
    }

    public void Dispose() => _turns.Dispose();

    private static int PlacesOf(AccountOptions options) =>
        options.HashConcurrency > 0 ? options.HashConcurrency : Math.Max(1, Environment.ProcessorCount / 2);

    private static Problem Busy() => new(ErrorCodes.ServiceBusy, "Too many people log in at this moment: try again shortly.")
    {
        RetryAfterSeconds = RetryAfterSeconds,
    };
}
