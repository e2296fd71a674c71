using Microsoft.Extensions.Options;
using Rollcall.Faces.Models;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Recognition;

internal static class RecognitionSetup
{
    public static void AddRecognition(this WebApplicationBuilder builder)
    {
        builder.AddCheckedOptions<ModelOptions>("Models");
        builder.Services.AddHttpClient<ModelStore>();
        builder.Services.AddSingleton(services =>
        {
            var options = services.GetRequiredService<IOptions<ModelOptions>>().Value;
            return new ModelStoreOptions
            {
                Pack = options.Pack,
                Folder = options.Folder,
                Cache = services.GetRequiredService<DataFolder>().Models,
                Mirror = options.Mirror,
                AllowDownload = options.AllowDownload,
            };
        });
        builder.Services.AddSingleton<FaceModels>();
        builder.Services.AddSingleton<IndexFeed>();
        builder.Services.AddSingleton<Identification>();
        builder.Services.AddSingleton<Verification>();
        builder.Services.AddSingleton<ProbeEngine>();
    }
}
