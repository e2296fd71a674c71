using Microsoft.AspNetCore.Identity;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Accounts;

internal static class AccountSetup
{
    // OWASP's password storage cheat sheet (2025) for PBKDF2 with HMAC-SHA512.
    private const int Iterations = 210_000;

    public static void AddAccounts(this WebApplicationBuilder builder)
    {
        builder.AddCheckedOptions<AccountOptions>("Accounts");
        builder.Services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = Iterations);
        builder.Services.AddSingleton<IPasswordHasher<AccountRow>, PasswordHasher<AccountRow>>();
        builder.Services.AddSingleton<Passwords>();
        builder.Services.AddSingleton<LoginThrottle>();
        builder.Services.AddSingleton<AccountStore>();
        builder.Services.AddSingleton<SessionStore>();
        builder.Services.AddSingleton<AccessTokens>();
        builder.Services.AddSingleton<Issuer>();
        builder.Services.AddSingleton<UserInfo>();
        builder.Services.AddSingleton<ExternalTokens>();
        builder.Services.AddSingleton<ExternalAccounts>();
        builder.Services.AddSingleton<SignIn>();
        builder.Services.AddSingleton<FailedLogins>();
        builder.Services.AddSingleton<SessionRetention>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SessionRetention>());
    }
}
