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

    public static Right OfScopes(IEnumerable<string> scopes) =>
        scopes.Aggregate(Right.None, (rights, scope) => rights | OfScope.GetValueOrDefault(scope));

    public static Right OfRole(OrganizationRole role) => role switch
    {
        OrganizationRole.Viewer => Viewer,
        OrganizationRole.Member => Member,
        OrganizationRole.Admin or OrganizationRole.Owner => Admin,
        _ => Right.None,
    };

    private const Right Viewer = Right.ReadBatches | Right.ReadFaces | Right.ReadCollections;
    private const Right Member = Viewer | Right.SubmitBatches | Right.WriteFaces | Right.Identify;
    private const Right Admin = Member | Right.ManageCollections | Right.Administer;
}
