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

    public Right Rights { get; private set; }

    /// <summary>Why authorization refused, for the answer to say.</summary>
    public Problem? Refusal { get; private set; }

    public void Enter(string organizationId, Right rights) => (_organizationId, Rights) = (organizationId, rights);

    public void Refuse(Problem problem) => Refusal = problem;
}
