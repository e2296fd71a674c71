using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Accounts;

/// <summary>An issuer whose tokens are taken besides the server's own. Without an authority there is none.</summary>
internal sealed class OpenIdConnectOptions : IValidatableObject
{
    /// <summary>The issuer's address, below which is /.well-known/openid-configuration.</summary>
    public string? Authority { get; set; }

    /// <summary>What its tokens have to be meant for.</summary>
    public string? Audience { get; set; }

    /// <summary>Whether the issuer has to be asked over TLS; one on this machine need not be.</summary>
    public bool RequireHttps { get; set; } = true;

    /// <summary>How old a token may be, whatever it says itself: a role that was lost at the issuer ends by then, if the issuer is not asked. Why ten minutes: docs/adr/0007.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan MaxTokenAge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether the issuer is asked each minute who has a token: then what is lost there ends here within the minute.</summary>
    public bool AskUserInfo { get; set; }

    /// <summary>Roles that a token brings along, or what its issuer says of who has it.</summary>
    [ValidateEnumeratedItems]
    public IList<GrantOptions> Grants { get; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Authority is null)
        {
            if (Audience is not null || Grants.Count > 0 || AskUserInfo) yield return new ValidationResult("Accounts:OpenIdConnect:Authority is missing.");
            yield break;
        }

        if (string.IsNullOrEmpty(Audience)) yield return new ValidationResult("Accounts:OpenIdConnect:Audience is missing: it says which of the issuer's tokens are meant for this server.");
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var uri) || uri.Query.Length > 0 || uri.Fragment.Length > 0 || !MayAsk(uri))
            yield return new ValidationResult("Accounts:OpenIdConnect:Authority is an https address without query. With Accounts:OpenIdConnect:RequireHttps=false it may be http; on this machine it may be anyway.");
    }

    public bool MayAsk(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && (address.IsLoopback || !RequireHttps));

    public Grant[] GrantsOf(Func<string, string, bool> hasClaim) =>
        [.. Grants.Where(grant => hasClaim(grant.Claim!, grant.Value!)).Select(grant => new Grant(grant.Organization!, grant.Role!.Value))];

    /// <summary>The name of an issuer is its address, and whether there is a slash at its end differs from one to the other.</summary>
    public bool Names(string issuer) => Authority is not null && Authority.TrimEnd('/') == issuer.TrimEnd('/');
}

/// <summary>Who has this value in this claim has this role in this organization.</summary>
internal sealed class GrantOptions
{
    [Required]
    public string? Claim { get; set; }

    [Required]
    public string? Value { get; set; }

    [Required]
    public string? Organization { get; set; }

    [Required]
    [EnumDataType(typeof(OrganizationRole))]
    public OrganizationRole? Role { get; set; }
}
