using Rollcall.Server.Batches;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Enrolment;

internal static class EnrolmentSetup
{
    public static void AddEnrolment(this WebApplicationBuilder builder)
    {
        builder.AddCheckedOptions<QueueOptions>("Queue");
        builder.Services.AddSingleton<LeaseClock>();
        builder.Services.AddSingleton<WorkSignal>();
        builder.Services.AddSingleton<WorkQueue>();
        builder.Services.AddSingleton<Throughput>();
        builder.Services.AddSingleton<KnownFaces>();
        builder.Services.AddSingleton<ItemProcessor>();
        builder.Services.AddSingleton<UploadPlaces>();
        builder.Services.AddSingleton<BatchIntake>();
        builder.Services.AddSingleton<BatchStore>();
        builder.Services.AddSingleton<IdempotencyStore>();
        builder.Services.AddSingleton<BatchEvents>();
        builder.Services.AddSingleton<BatchPoll>();
        builder.Services.AddSingleton<JobEvents>();
        builder.Services.AddSingleton<LookAlikes>();
        builder.Services.AddSingleton<JobRetry>();
        builder.Services.AddSingleton<JobUndo>();
        builder.Services.AddSingleton<JobRemoval>();
        builder.Services.AddSingleton<BatchRetention>();
        builder.Services.AddHostedService(services => services.GetRequiredService<BatchRetention>());
        builder.Services.AddHostedService<EnrolmentWorker>();
    }
}
