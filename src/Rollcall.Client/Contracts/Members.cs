using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>A person in an organization, by a role that is kept there; a role that an external issuer's token brings along is not.</summary>
public sealed record Member
{
    /// <summary>The account's id.</summary>
    public required string UserId { get; init; }

    /// <summary>The address that the person logs in with; what an external issuer says of them, if that is where they come from.</summary>
    public required string Email { get; init; }

    /// <summary>The person's role.</summary>
    public required OrganizationRole Role { get; init; }

    /// <summary>Since when the person belongs to the organization.</summary>
    public required DateTimeOffset JoinedAt { get; init; }
}

/// <summary>A person to take into an organization: by address or by account, one of the two.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AddMember
{
    /// <summary>The person's address; where no account has it, an invitation is made.</summary>
    [StringLength(254, MinimumLength = 3)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Email { get; init; }

    /// <summary>The account's id, which its holder reads in <c>GET /me</c>; the only way to people of an external issuer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UserId { get; init; }

    /// <summary>What the person is to be; an owner is made by owners alone.</summary>
    public required OrganizationRole Role { get; init; }
}

/// <summary>Who was added: a member, or an invitation for an address that no account has.</summary>
public sealed record MemberAdded
{
    /// <summary>The account's id; null while it is an invitation.</summary>
    public required string? UserId { get; init; }

    /// <summary>The person's address.</summary>
    public required string Email { get; init; }

    /// <summary>The person's role, now or once the invitation is taken up.</summary>
    public required OrganizationRole Role { get; init; }

    /// <summary>Since when the person belongs to the organization; null while it is an invitation.</summary>
    public required DateTimeOffset? JoinedAt { get; init; }

    /// <summary>The invitation to pass on to the person; null when they are a member already.</summary>
    public required InvitationToken? Invitation { get; init; }
}

/// <summary>An invitation with its token: the only answer that ever holds it.</summary>
public sealed record InvitationToken
{
    /// <summary>The invitation's id, <c>inv_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What makes an account for the address, once; for that person's eyes alone.</summary>
    public required string Token { get; init; }

    /// <summary>When it stops working.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The id alone: a record would print its token into any log.</summary>
    public override string ToString() => $"{nameof(InvitationToken)} {{ Id = {Id} }}";
}

/// <summary>An invitation that nobody has taken up yet.</summary>
public sealed record Invitation
{
    /// <summary>The id, <c>inv_…</c>; to withdraw the invitation, remove it like a member.</summary>
    public required string Id { get; init; }

    /// <summary>The address that it is for.</summary>
    public required string Email { get; init; }

    /// <summary>What the person will be.</summary>
    public required OrganizationRole Role { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it stops working.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Another role for a member.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MemberChange
{
    /// <summary>What the person is from now on.</summary>
    public required OrganizationRole Role { get; init; }
}

/// <summary>A page of members, who joined last first.</summary>
public sealed record MemberList
{
    /// <summary>The members of this page.</summary>
    public required IReadOnlyList<Member> Members { get; init; }

    /// <summary>All invitations that are open, on the first page; on others none.</summary>
    public required IReadOnlyList<Invitation> Invitations { get; init; }

    /// <summary>What to ask the next page with; null on the last page.</summary>
    public required string? NextCursor { get; init; }
}

/// <summary>Takes up an invitation with a new account, for the address that was invited.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record JoinRequest
{
    /// <summary>The invitation's token.</summary>
    public required string Token { get; init; }

    /// <summary>The new account's password.</summary>
    [StringLength(256, MinimumLength = 8)]
    public required string Password { get; init; }

    /// <summary>The name of the type: a record would print its secrets into any log.</summary>
    public override string ToString() => nameof(JoinRequest);
}
