using Rollcall.Client.Contracts;

namespace Rollcall.Server.Organizations;

/// <summary>What a credential may do. Scopes and roles are names for sets of these.</summary>
[Flags]
internal enum Right
{
    None = 0,
    SubmitBatches = 1,
    ReadBatches = 2,
    WriteFaces = 4,
    ReadFaces = 8,
    Identify = 16,
    ReadCollections = 32,
    ManageCollections = 64,
    Administer = 128,

    /// <summary>What every person of the organization may and no key.</summary>
    Belong = 256,

    /// <summary>What an owner alone may and no key.</summary>
    Own = 512,
}

internal static class Rights
{
    public static IReadOnlyDictionary<string, Right> OfScope { get; } = new Dictionary<string, Right>(StringComparer.Ordinal)
    {
        [Scopes.Batch] = Right.SubmitBatches | Right.ReadBatches | Right.ReadCollections,
        [Scopes.FacesRead] = Right.ReadFaces | Right.ReadBatches | Right.ReadCollections,
        [Scopes.FacesWrite] = Right.WriteFaces | Right.ReadCollections,
        [Scopes.Identify] = Right.Identify | Right.ReadCollections,
        [Scopes.Collections] = Right.ManageCollections | Right.ReadCollections,
    };

    /// <summary>What a caller has to come with, in the contract's words.</summary>
    public static string Needed(Right right) => right switch
    {
        Right.SubmitBatches => "the scope batch, or the role member or above,",
        Right.ReadBatches => "the scope batch or faces:read, or the role viewer or above,",
        Right.WriteFaces => "the scope faces:write, or the role member or above,",
        Right.ReadFaces => "the scope faces:read, or the role viewer or above,",
        Right.Identify => "the scope identify, or the role member or above,",
        Right.ManageCollections => "the scope collections, or the role admin or owner,",
        Right.ReadCollections => "any scope or role",
        Right.Belong => "a role in the organization",
        Right.Own => "the role owner",
        _ => "the role admin or owner",
    };

    public static Right OfScopes(IEnumerable<string> scopes) =>
        scopes.Aggregate(Right.None, (rights, scope) => rights | OfScope.GetValueOrDefault(scope));

    public static Right OfRole(OrganizationRole role) => role switch
    {
        OrganizationRole.Viewer => Viewer,
        OrganizationRole.Member => Member,
        OrganizationRole.Admin => Admin,
        OrganizationRole.Owner => Admin | Right.Own,
        _ => Right.None,
    };

    private const Right Viewer = Right.ReadBatches | Right.ReadFaces | Right.ReadCollections | Right.Belong;
    private const Right Member = Viewer | Right.SubmitBatches | Right.WriteFaces | Right.Identify;
    private const Right Admin = Member | Right.ManageCollections | Right.Administer;
}
