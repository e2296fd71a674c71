using Rollcall.Server.Faces;

namespace Rollcall.Server.Collections;

internal static class CollectionSetup
{
    public static void AddCollections(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<CollectionStore>();
        builder.Services.AddSingleton<CollectionRemoval>();
        builder.Services.AddSingleton<FaceStore>();
        builder.Services.AddSingleton<SingleEnrolment>();
        builder.Services.AddSingleton<Suppressions>();
        builder.Services.AddSingleton<FaceErasure>();
        builder.Services.AddSingleton<KeptImages>();
        builder.Services.AddSingleton<FaceRetention>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FaceRetention>());
        builder.Services.AddSingleton<TombstoneRetention>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TombstoneRetention>());
    }
}
