using Microsoft.Extensions.Options;
using Rollcall.Faces.Models;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Recognition;

internal static class RecognitionSetup
{
    // The limit is for the connection alone: a slow line that goes on is not cut off.
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);

    /// <summary>The way to the public addresses of model files.</summary>
    public static SocketsHttpHandler NewWayOut() => new() { ConnectTimeout = ConnectLimit };

    public static void AddRecognition(this WebApplicationBuilder builder)
    {
        builder.AddCheckedOptions<ModelOptions>("Models");
        builder.Services.AddHttpClient<ModelStore>(http => http.Timeout = Timeout.InfiniteTimeSpan).ConfigurePrimaryHttpMessageHandler(NewWayOut);
        builder.Services.AddSingleton(services =>
            services.GetRequiredService<IOptions<ModelOptions>>().Value.ToStore(services.GetRequiredService<DataFolder>().Models));
        builder.Services.AddSingleton<FaceModels>();
        builder.Services.AddSingleton<PackChoice>();
        builder.Services.AddSingleton<IndexFeed>();
        builder.Services.AddSingleton<ExactSearch>();
        builder.Services.AddSingleton<Identification>();
        builder.Services.AddSingleton<Verification>();
        builder.Services.AddSingleton<ProbeEngine>();
    }
}
