using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Accounts;

/// <summary>A login that was let through to the password.</summary>
/// <param name="Known">The owner has logged in from this address before, so others' attempts do not stand in the way.</param>
internal readonly record struct LoginAttempt(UInt128 Account, UInt128 Address, UInt128 Pair, bool Known);

/// <summary>
/// Holds back who guesses passwords, before one is hashed. It never asks whether there is such an account, so that it cannot tell. An
/// attempt is counted before it is made, so that many at once are not all the first. Why these counts: docs/adr/0008.
/// </summary>
internal sealed partial class LoginThrottle(IOptions<AccountOptions> options, TimeProvider time, ILogger<LoginThrottle> logger)
{
    private const int NetworkBytes = 8;
    private static readonly TimeSpan KnownFor = TimeSpan.FromDays(30);

    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private readonly AttemptCounts _addresses = Counts(options, throttle => throttle.Address);
    private readonly AttemptCounts _pairs = Counts(options, throttle => throttle.AccountFromAddress);
    private readonly AttemptCounts _accounts = Counts(options, throttle => throttle.Account);
    private readonly AttemptCounts _registrations = Counts(options, throttle => throttle.Registration);
    private readonly AttemptCounts _refreshes = Counts(options, throttle => throttle.Refresh);
    private readonly Moments _knownUntil = new(options.Value.Throttle.MostEntries);
    private readonly Moments _toldUntil = new(options.Value.Throttle.MostEntries);

    /// <summary>How much is remembered, of all kinds.</summary>
    public int Entries
    {
        get
        {
            lock (_lock) return _addresses.Count + _pairs.Count + _accounts.Count + _registrations.Count + _refreshes.Count + _knownUntil.Count + _toldUntil.Count;
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_start);

    public Result<LoginAttempt> AdmitLogin(string email, IPAddress? from)
    {
        var (account, address) = (KeyOf(EmailAddress.KeyOf(email)), KeyOf(from));
        var pair = KeyOf(account, address);
        lock (_lock)
        {
            var now = Now;
            var attempt = new LoginAttempt(account, address, pair, _knownUntil.LaterOf(pair, now) > now);
            var wait = Longest(_addresses.WaitOf(address, now), _pairs.WaitOf(pair, now), attempt.Known ? TimeSpan.Zero : _accounts.WaitOf(account, now));
            if (wait > TimeSpan.Zero)
            {
                Tell(attempt, from, now);
                return TooMany(wait);
            }

            _addresses.Take(address, now);
            _pairs.Take(pair, now);
            if (!attempt.Known) _accounts.Take(account, now);
            return attempt;
        }
    }

    public void Succeeded(LoginAttempt attempt)
    {
        lock (_lock)
        {
            _pairs.Forget(attempt.Pair);
            _accounts.Forget(attempt.Account);
            _knownUntil.Set(attempt.Pair, Now + KnownFor);
        }
    }

    /// <summary>It came to no answer about the password, so it was none.</summary>
    public void NotMade(LoginAttempt attempt)
    {
        lock (_lock)
        {
            var now = Now;
            _addresses.GiveBack(attempt.Address, now);
            _pairs.GiveBack(attempt.Pair, now);
            if (!attempt.Known) _accounts.GiveBack(attempt.Account, now);
        }
    }

    public Problem? RefuseRegistration(IPAddress? from) => Refuse(_registrations, from);

    public Problem? RefuseRefresh(IPAddress? from) => Refuse(_refreshes, from);

    /// <summary>The operator, of each count that is used up; of one key no more often than that may be used up anew.</summary>
    private void Tell(LoginAttempt attempt, IPAddress? from, TimeSpan now)
    {
        var limits = options.Value.Throttle;
        TellOf("the address", _addresses, attempt.Address, limits.Address);
        TellOf("an account from the address", _pairs, attempt.Pair, limits.AccountFromAddress);
        if (!attempt.Known) TellOf("an account from everywhere", _accounts, attempt.Account, limits.Account);

        void TellOf(string what, AttemptCounts counts, UInt128 key, ThrottleLimit limit)
        {
            if (counts.WaitOf(key, now) == TimeSpan.Zero || _toldUntil.LaterOf(key, now) > now) return;
            _toldUntil.Set(key, now + (limit.Attempts * limit.Interval));
            LogHeldBack(from, what);
        }
    }

    private Problem? Refuse(AttemptCounts counts, IPAddress? from)
    {
        var address = KeyOf(from);
        lock (_lock)
        {
            var now = Now;
            var wait = counts.WaitOf(address, now);
            if (wait > TimeSpan.Zero) return TooMany(wait);
            counts.Take(address, now);
            return null;
        }
    }

    private static AttemptCounts Counts(IOptions<AccountOptions> options, Func<ThrottleOptions, ThrottleLimit> limit) =>
        new(limit(options.Value.Throttle), options.Value.Throttle.MostEntries);

    /// <summary>Says how long and not why: which of the counts it was would tell an attacker what others do.</summary>
    private static Problem TooMany(TimeSpan wait) =>
        new(ErrorCodes.RateLimitExceeded, "Too many attempts: wait for the seconds that Retry-After says, then try again.")
        {
            RetryAfterSeconds = (int)Math.Ceiling(wait.TotalSeconds),
        };

    private static TimeSpan Longest(TimeSpan a, TimeSpan b, TimeSpan c) => TimeSpan.FromTicks(Math.Max(a.Ticks, Math.Max(b.Ticks, c.Ticks)));

    /// <summary>An IPv6 subscriber has a /64 and may come from any address of it.</summary>
    private static UInt128 KeyOf(IPAddress? address)
    {
        if (address is null) return 0;
        var bytes = address.MapToIPv6().GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6) bytes.AsSpan(NetworkBytes).Clear();
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private static UInt128 KeyOf(string text) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static UInt128 KeyOf(UInt128 account, UInt128 address)
    {
        Span<byte> both = stackalloc byte[32];
        BinaryPrimitives.WriteUInt128BigEndian(both, account);
        BinaryPrimitives.WriteUInt128BigEndian(both[16..], address);
        return BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(both));
    }

    [LoggerMessage(1211, LogLevel.Warning, "Logins from {Address} are held back: too many attempts, counted for {What}.")]
    private partial void LogHeldBack(IPAddress? address, string what);
}
