namespace Rollcall.Server.Audit;

internal sealed class AuditOptions
{
    /// <summary>Whether identifications and verifications are recorded, each before it is answered. What changes something always is.</summary>
    public bool Identifications { get; set; } = true;
}
