namespace Rollcall.Client;

/// <summary>Where a job is polled: through its collection or through its organization. Both show the same job.</summary>
public sealed record BatchAddress
{
    private BatchAddress(string parents, string parentId, string jobId) => (Parents, ParentId, JobId) = (parents, parentId, jobId);

    /// <summary>The job, a UUID.</summary>
    public string JobId { get; }

    internal string Parents { get; }

    internal string ParentId { get; }

    /// <summary>For programs, which know only their key and collection.</summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="jobId">The job, a UUID.</param>
    public static BatchAddress InCollection(string collectionId, string jobId) => new("collections", collectionId, jobId);

    /// <summary>For people, who know their organization.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="jobId">The job, a UUID.</param>
    public static BatchAddress InOrganization(string organizationId, string jobId) => new("organizations", organizationId, jobId);
}
