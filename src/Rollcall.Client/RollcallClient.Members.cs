using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    /// <summary>Takes a person into an organization: at once where an account has the address, else with an invitation to pass on.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="member">Who, and as what.</param>
    /// <param name="cancellationToken">Ends the wait; the person may be added all the same.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.AlreadyExists"/> for who is a member already, <see cref="ErrorCodes.InsufficientScope"/>,
    /// <see cref="ErrorCodes.InvalidRequest"/>, <see cref="ErrorCodes.NotFound"/>, <see cref="ErrorCodes.QuotaExceeded"/>.
    /// </exception>
    public Task<MemberAdded> AddMemberAsync(string organizationId, AddMember member, CancellationToken cancellationToken = default) =>
        PostAsync(Members(organizationId), member, Json.AddMember, Json.ApiResponseMemberAdded, cancellationToken);

    /// <summary>A page of an organization's members, who joined last first, and the open invitations.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="limit">Members on the page, 1 to 200; null for 50.</param>
    /// <param name="cursor">The page before's <see cref="MemberList.NextCursor"/>; null for the first page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.InsufficientScope"/>, <see cref="ErrorCodes.NotFound"/>.</exception>
    public Task<MemberList> ListMembersAsync(
        string organizationId, int? limit = null, string? cursor = null, CancellationToken cancellationToken = default) =>
        GetAsync(Members(organizationId) + new Query().Page(limit, cursor), Json.ApiResponseMemberList, cancellationToken);

    /// <summary>All members of an organization, who joined last first, without the invitations, asked for page by page as they are read.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    /// <exception cref="RollcallException">While it is read: as with <see cref="ListMembersAsync"/>.</exception>
    public IAsyncEnumerable<Member> EnumerateMembersAsync(string organizationId, CancellationToken cancellationToken = default) => PagesAsync(
        cursor => Members(organizationId) + new Query().Page(WholePage, cursor),
        Json.ApiResponseMemberList,
        page => (page.Members, page.NextCursor),
        cancellationToken);

    /// <summary>Gives a member another role.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="userId">The member's account.</param>
    /// <param name="role">The role from now on.</param>
    /// <param name="cancellationToken">Ends the wait; the role may be changed all the same.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.InsufficientScope"/>, <see cref="ErrorCodes.NotFound"/>; <see cref="ErrorCodes.InvalidRequest"/> for the last owner.
    /// </exception>
    public Task<Member> ChangeMemberAsync(
        string organizationId, string userId, OrganizationRole role, CancellationToken cancellationToken = default) =>
        PatchAsync(MemberOf(organizationId, userId), new MemberChange { Role = role }, Json.MemberChange, Json.ApiResponseMember, cancellationToken);

    /// <summary>Takes a member out of an organization, oneself to leave it, or withdraws an invitation; access ends at once.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="userId">The member's account, or the invitation's id.</param>
    /// <param name="cancellationToken">Ends the wait; the person may be removed all the same.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.InsufficientScope"/>, <see cref="ErrorCodes.NotFound"/>; <see cref="ErrorCodes.InvalidRequest"/> for the last owner.
    /// </exception>
    public Task RemoveMemberAsync(string organizationId, string userId, CancellationToken cancellationToken = default) =>
        RunAsync(Request(HttpMethod.Delete, MemberOf(organizationId, userId)), cancellationToken);

    /// <summary>Takes up an invitation with a new account and logs it in.</summary>
    /// <param name="request">The invitation's token and a password.</param>
    /// <param name="cancellationToken">Ends the wait; the invitation may be used up all the same.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.TokenInvalid"/>, <see cref="ErrorCodes.InvalidRequest"/>; <see cref="ErrorCodes.AlreadyExists"/> when the address
    /// has an account by now.
    /// </exception>
    public Task<Registration> JoinAsync(JoinRequest request, CancellationToken cancellationToken = default) =>
        PostAsync("auth/join", request, Json.JoinRequest, Json.ApiResponseRegistration, cancellationToken);

    private static string Members(string organizationId) => $"organizations/{Segment(organizationId, nameof(organizationId))}/members";

    private static string MemberOf(string organizationId, string userId) => $"{Members(organizationId)}/{Segment(userId, nameof(userId))}";
}
