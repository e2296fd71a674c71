using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Accounts;

/// <summary>Signs and checks the tokens that people carry. The key is made at the first start and stays in the data folder.</summary>
internal sealed class AccessTokens(DataFolder folder, IOptions<AccountOptions> options, TimeProvider time)
{
    private const string Issuer = "rollcall";

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false };

    private readonly SymmetricSecurityKey _key = new(SecretFile.ReadOrCreate(folder, "token.key"));

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
}
