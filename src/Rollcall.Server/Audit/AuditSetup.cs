using Rollcall.Server.Hosting;

namespace Rollcall.Server.Audit;

internal static class AuditSetup
{
    public static void AddAudit(this WebApplicationBuilder builder)
    {
        builder.AddCheckedOptions<AuditOptions>("Audit");
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<PersonMarks>();
        builder.Services.AddSingleton<AuditTrail>();
        builder.Services.AddSingleton<AuditCommits>();
        builder.Services.AddSingleton<IdentificationTrail>();
        builder.Services.AddSingleton<AuditLog>();
        builder.Services.AddSingleton<AuditVerifier>();
        builder.Services.AddSingleton<AuditSequencer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AuditSequencer>());
    }
}
