using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Rollcall.Server.Accounts;

namespace Rollcall.Server.Tests.Accounts;

/// <summary>The framework's hasher, with few rounds; it counts, and can be held up.</summary>
internal sealed class WatchedHasher : IPasswordHasher<AccountRow>
{
    private readonly PasswordHasher<AccountRow> _hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = 10 }));
    private int _verified;
    private int _running;
    private int _mostRunning;

    public int Verified => Volatile.Read(ref _verified);

    public int Running => Volatile.Read(ref _running);

    public int MostRunning => Volatile.Read(ref _mostRunning);

    public Task Released { get; set; } = Task.CompletedTask;

    public void Use(WebApplicationBuilder builder) => builder.Services.AddSingleton<IPasswordHasher<AccountRow>>(this);

    public string HashPassword(AccountRow user, string password) => _hasher.HashPassword(user, password);

    public PasswordVerificationResult VerifyHashedPassword(AccountRow user, string hashedPassword, string providedPassword)
    {
        Interlocked.Increment(ref _verified);
        var running = Interlocked.Increment(ref _running);
        if (running > MostRunning) Volatile.Write(ref _mostRunning, running);
        Released.Wait();
        Interlocked.Decrement(ref _running);
        return _hasher.VerifyHashedPassword(user, hashedPassword, providedPassword);
    }
}
