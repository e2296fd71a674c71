using Rollcall.Server.Hosting;

namespace Rollcall.Server.Organizations;

/// <summary>
/// Who is asking, for which organization. Authorization fills it; handlers take it as a parameter and filter every statement by
/// <see cref="OrganizationId"/>.
/// </summary>
internal sealed class Caller
{
    private string? _organizationId;

    public string OrganizationId => _organizationId ?? throw new InvalidOperationException("The route does not belong to an organization.");

    /// <summary>The id of the key or the account that asks.</summary>
    public string Credential { get; private set; } = "";

    public Right Rights { get; private set; }

    /// <summary>The collections that the key is confined to: lists leave out what is in others. Null: none, and always for people.</summary>
    public IReadOnlyList<string>? Collections { get; private set; }

    /// <summary>Why authorization refused, for the answer to say.</summary>
    public Problem? Refusal { get; private set; }

    public void Enter(string organizationId, string credential, Right rights, IReadOnlyList<string>? collections = null) =>
        (_organizationId, Credential, Rights, Collections) = (organizationId, credential, rights, collections);

    public void Refuse(Problem problem) => Refusal = problem;
}
