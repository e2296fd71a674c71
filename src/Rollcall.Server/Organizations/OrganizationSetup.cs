using Microsoft.AspNetCore.Authorization;

namespace Rollcall.Server.Organizations;

internal static class OrganizationSetup
{
    public static void AddOrganizations(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ApiKeyStore>();
        builder.Services.AddSingleton<MemberStore>();
        builder.Services.AddSingleton<InvitationStore>();
        builder.Services.AddSingleton<Confinement>();
        builder.Services.AddSingleton<StandingAccess>();
        builder.Services.AddSingleton<OrganizationRemoval>();
        builder.Services.AddHostedService(services => services.GetRequiredService<OrganizationRemoval>());
        builder.Services.AddScoped<Caller>();
        builder.Services.AddScoped<IAuthorizationHandler, RightAuthorizationHandler>();
    }
}
