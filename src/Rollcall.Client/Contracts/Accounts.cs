using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>What a person may do in an organization, each more than the one after it.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<OrganizationRole>))]
public enum OrganizationRole
{
    /// <summary>Everything; at least one always remains.</summary>
    Owner,

    /// <summary>Keys, members, collections, webhooks and the audit log.</summary>
    Admin,

    /// <summary>Enrols and identifies.</summary>
    Member,

    /// <summary>Reads.</summary>
    Viewer,
}

/// <summary>A new account with an organization of its own.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RegisterRequest
{
    /// <summary>The address that the person logs in with.</summary>
    [StringLength(254, MinimumLength = 3)]
    public required string Email { get; init; }

    /// <summary>The password.</summary>
    [StringLength(256, MinimumLength = 8)]
    public required string Password { get; init; }

    /// <summary>The name of the organization to create.</summary>
    [StringLength(200, MinimumLength = 1)]
    public required string OrganizationName { get; init; }

    /// <summary>The address alone: a record would print its password into any log.</summary>
    public override string ToString() => $"{nameof(RegisterRequest)} {{ Email = {Email} }}";
}

/// <summary>A login.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LoginRequest
{
    /// <summary>The address that the person registered with.</summary>
    public required string Email { get; init; }

    /// <summary>The password.</summary>
    public required string Password { get; init; }

    /// <summary>The address alone: a record would print its password into any log.</summary>
    public override string ToString() => $"{nameof(LoginRequest)} {{ Email = {Email} }}";
}

/// <summary>Exchanges a refresh token for new tokens; it is used up by that.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RefreshRequest
{
    /// <summary>The latest refresh token; an older one revokes the whole family.</summary>
    public required string RefreshToken { get; init; }

    /// <summary>The name of the type: a record would print its token into any log.</summary>
    public override string ToString() => nameof(RefreshRequest);
}

/// <summary>Ends a login.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LogoutRequest
{
    /// <summary>The refresh token of the login to end.</summary>
    public required string RefreshToken { get; init; }

    /// <summary>The name of the type: a record would print its token into any log.</summary>
    public override string ToString() => nameof(LogoutRequest);
}

/// <summary>What a login or a refresh gives.</summary>
public record AuthTokens
{
    /// <summary>The bearer token, a JWT.</summary>
    public required string AccessToken { get; init; }

    /// <summary>Always <c>Bearer</c>.</summary>
    [AllowedValues("Bearer")]
    public required string TokenType { get; init; }

    /// <summary>Seconds until the access token expires.</summary>
    [Range(1, int.MaxValue)]
    public required int ExpiresIn { get; init; }

    /// <summary>What to get the next tokens with; good for one use.</summary>
    public required string RefreshToken { get; init; }

    /// <summary>The organizations that the person belongs to.</summary>
    public required IReadOnlyList<OrganizationMembership> Organizations { get; init; }

    /// <summary>The name of the type: a record would print its tokens into any log.</summary>
    public sealed override string ToString() => GetType().Name;
}

/// <summary>What a registration gives: the account, and the person is logged in, so that it reads as a login does too.</summary>
public sealed record Registration : AuthTokens
{
    /// <summary>The new account.</summary>
    public required User User { get; init; }

    /// <summary>The new organization, with the caller as its owner.</summary>
    public required OrganizationMembership Organization { get; init; }
}

/// <summary>An organization, and what the person is in it.</summary>
public sealed record OrganizationMembership
{
    /// <summary>The organization's id, <c>org_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The organization's name.</summary>
    public required string Name { get; init; }

    /// <summary>The person's role in it.</summary>
    public required OrganizationRole Role { get; init; }
}

/// <summary>A person with an account.</summary>
public sealed record User
{
    /// <summary>The account's id.</summary>
    public required string Id { get; init; }

    /// <summary>The address that the person logs in with.</summary>
    public required string Email { get; init; }
}

/// <summary>Who the bearer of the token is.</summary>
public sealed record Me
{
    /// <summary>The account.</summary>
    public required User User { get; init; }

    /// <summary>The organizations that the person belongs to.</summary>
    public required IReadOnlyList<OrganizationMembership> Organizations { get; init; }
}
