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
        builder.Services.AddHttpClient<ModelStore>(http => http.Timeout = Timeout.InfiniteTimeSpan);
        builder.Services.AddSingleton(services =>
            services.GetRequiredService<IOptions<ModelOptions>>().Value.ToStore(services.GetRequiredService<DataFolder>().Models));
        builder.Services.AddSingleton<FaceModels>();
        builder.Services.AddSingleton<IndexFeed>();
        builder.Services.AddSingleton<Identification>();
        builder.Services.AddSingleton<Verification>();
        builder.Services.AddSingleton<ProbeEngine>();
    }
}
