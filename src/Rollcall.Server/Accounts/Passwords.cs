using Microsoft.AspNetCore.Identity;

namespace Rollcall.Server.Accounts;

/// <summary>Hashes passwords, and takes as long over an account that is not there as over one that is.</summary>
internal sealed class Passwords(IPasswordHasher<AccountRow> hasher)
{
    private readonly Lazy<string> _nobody = new(() => hasher.HashPassword(null!, Guid.NewGuid().ToString()));

    public string Hash(string password) => hasher.HashPassword(null!, password);

    public bool Verify(AccountRow? account, string password)
    {
        var verdict = hasher.VerifyHashedPassword(null!, account?.PasswordHash ?? _nobody.Value, password);
        return account is not null && verdict != PasswordVerificationResult.Failed;
    }
}
