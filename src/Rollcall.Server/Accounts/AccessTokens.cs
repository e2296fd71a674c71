using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Accounts;

/// <summary>Signs and checks the tokens that people carry. The key is made at the first start and stays in the data folder.</summary>
internal sealed class AccessTokens(DataFolder folder, IOptions<AccountOptions> options, TimeProvider time)
{
    private const string Issuer = "rollcall";
    private const int KeyBytes = 64;

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    private readonly SymmetricSecurityKey _key = new(ReadOrCreateKey(Path.Combine(folder.Secrets, "token.key")));

    public TimeSpan Lifetime => options.Value.AccessTokenLifetime;

    public string Issue(string accountId, string sessionId)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Issuer,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + Lifetime,
            Claims = new Dictionary<string, object>
            {
                [BearerAuthentication.AccountClaim] = accountId,
                [BearerAuthentication.SessionClaim] = sessionId,
            },
            SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.HmacSha256),
        });
    }

    public Task<TokenValidationResult> ValidateAsync(string token) => Handler.ValidateTokenAsync(token, new TokenValidationParameters
    {
        ValidIssuer = Issuer,
        ValidAudience = Issuer,
        IssuerSigningKey = _key,
        ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
        LifetimeValidator = (_, expires, _, _) =>
            expires > time.GetUtcNow().UtcDateTime ? true : throw new SecurityTokenExpiredException(),
    });

    private static byte[] ReadOrCreateKey(string path)
    {
        if (File.Exists(path)) return File.ReadAllBytes(path);

        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        var partial = path + ".partial";
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(partial, create))
        {
            file.Write(key);
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path);
        FolderSync.Sync(Path.GetDirectoryName(path)!);
        return key;
    }
}
