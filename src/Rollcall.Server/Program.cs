using Rollcall.Server.Accounts;
using Rollcall.Server.Audit;
using Rollcall.Server.Batches;
using Rollcall.Server.Collections;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.Organizations;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;

namespace Rollcall.Server;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is ["--help" or "-h" or "-?", ..]) return Usage.Print();
        if (args is ["audit", ..]) return await AuditCommand.RunAsync(args[1..]);
        if (args is ["models", ..]) return await ModelsCommand.RunAsync(args[1..]);
        if (args is ["storage", ..]) return await StorageCommand.RunAsync(args[1..]);

        try
        {
            await using var app = Build(args);
            await app.PrepareAsync();
            app.Announce();
            return await ServeAsync(app);
        }
        catch (Exception e) when (Startup.IsOperatorsToMend(e))
        {
            await Console.Error.WriteLineAsync($"Rollcall cannot start. {Startup.AdviceOn(e)}");
            return 1;
        }
    }

    /// <summary>Serves until it is told to stop, which may be while it still begins to listen.</summary>
    public static async Task<int> ServeAsync(WebApplication app)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        try
        {
            await app.RunAsync();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The framework reports a stop during the start as a cancelled start.
        }

        return Environment.ExitCode;
    }

    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? customize = null)
    {
        var builder = Configuration.CreateBuilder(args);
        builder.AddHosting();
        builder.AddStorage();
        builder.AddAudit();
        builder.AddAccounts();
        builder.AddOrganizations();
        builder.AddCollections();
        builder.AddEnrolment();
        builder.AddRecognition();
        builder.RefuseUnknownSections(args);
        customize?.Invoke(builder);

        var app = builder.Build();
        app.UseHosting();
        app.MapHealth();
        app.MapReference();
        var api = app.MapApi();
        api.MapAccounts();
        api.MapOrganizations();
        api.MapMembers();
        api.MapApiKeys();
        api.MapAudit();
        api.MapCollections();
        api.MapBatches();
        api.MapFaces();
        api.MapSuppressions();
        api.MapRecognition();
        return app;
    }
}
