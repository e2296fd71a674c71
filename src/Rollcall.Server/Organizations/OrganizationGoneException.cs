namespace Rollcall.Server.Organizations;

/// <summary>The organization was deleted while a request of it was under way; the answer is that of an unknown one.</summary>
internal sealed class OrganizationGoneException() : Exception("The organization was deleted.");
