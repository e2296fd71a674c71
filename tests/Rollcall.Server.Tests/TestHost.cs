using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Faces;
using Rollcall.Faces.Models;
using Rollcall.Server.Batches;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.Tests.OpenApi;

namespace Rollcall.Server.Tests;

/// <summary>
/// The real server on a port of its own, with a data folder of its own; the models are loaded once for all of them, but for those that
/// are about the choice of a pack and say <c>--Models:AllowBuiltIn</c>. Every answer that it gives is held against its OpenAPI document, and its
/// end fails the test when one did not fit.
/// </summary>
internal sealed class TestHost : IAsyncDisposable
{
    /// <summary>A fifth of all tests' time would go into passwords; PasswordCostTests holds what a host costs that is no test's.</summary>
    private const int QuickHash = 10;

    private static readonly ConcurrentDictionary<string, Lazy<Task<FaceModels>>> SharedModels = new();

    private readonly WebApplication _app;
    private readonly TestFolder? _ownFolder;
    private readonly ResponseWatch _watch;

    private TestHost(WebApplication app, TestFolder? ownFolder, string data, ResponseWatch watch)
    {
        (_app, _ownFolder, Data, _watch) = (app, ownFolder, data, watch);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Http = new HttpClient { BaseAddress = new Uri(address) };
    }

    public string Data { get; }

    public HttpClient Http { get; }

    public Uri Address => Http.BaseAddress!;

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<TestHost> StartAsync(
        TimeProvider? time = null, string? data = null, Action<WebApplicationBuilder>? customize = null, ResponseWatch? watch = null, params string[] args)
    {
        const string packOption = "--Models:Pack=";
        var pack = args.FirstOrDefault(arg => arg.StartsWith(packOption, StringComparison.Ordinal))?[packOption.Length..] ?? ModelPack.Standard.Id;
        var chooses = args.Any(arg => arg.StartsWith("--Models:AllowBuiltIn=", StringComparison.Ordinal));
        var models = chooses ? null : await SharedModels.GetOrAdd(pack, id => new(() => LoadModelsAsync(id))).Value;
        watch ??= new ResponseWatch();
        var folder = data is null ? new TestFolder() : null;
        var path = data ?? folder!.Path;
        var app = Program.Build(["--urls", "http://127.0.0.1:0", "--data", path, .. args], builder =>
        {
            builder.Logging.ClearProviders().AddProvider(new TestOutput()).SetMinimumLevel(LogLevel.Warning);
            if (models is not null) builder.Services.AddSingleton(models);
            builder.Services.AddSingleton<IStartupFilter>(watch);
            builder.Services.PostConfigure<PasswordHasherOptions>(hasher => hasher.IterationCount = QuickHash);
            if (time is not null) builder.Services.AddSingleton(time);
            customize?.Invoke(builder);
        });
        try
        {
            await app.PrepareAsync();
            await app.StartAsync();
        }
        catch
        {
            // It would keep the data folder locked.
            await app.DisposeAsync();
            folder?.Dispose();
            throw;
        }

        return new TestHost(app, folder, path, watch);
    }

    /// <summary>For <see cref="StartAsync"/>: the test is the worker.</summary>
    public static void WithoutWorker(WebApplicationBuilder builder) => builder.Services.Remove(
        builder.Services.Single(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(EnrolmentWorker)));

    /// <summary>For <see cref="StartAsync"/>: the test says when something is purged or swept, and nothing else does so at the same moment.</summary>
    public static void WithoutSweeps(WebApplicationBuilder builder)
    {
        foreach (var service in builder.Services.Where(service => service.ServiceType == typeof(IHostedService)
            && service.ImplementationFactory is Func<IServiceProvider, BatchRetention> or Func<IServiceProvider, FaceRetention>).ToList())
        {
            builder.Services.Remove(service);
        }
    }

    public HttpClient ClientWith(string header, string value)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (header == "Authorization") client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(value);
        else client.DefaultRequestHeaders.Add(header, value);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _ownFolder?.Dispose();
        _watch.Verdict();
    }

    private static async Task<FaceModels> LoadModelsAsync(string id)
    {
        using var http = new HttpClient();
        var pack = ModelPack.Find(id)!;
        var options = new ModelStoreOptions
        {
            Cache = Path.Combine(Path.GetTempPath(), "rollcall-test-models"),
            Mirror = pack.BuiltIn ? null : Assets.Models,
            AllowDownload = false,
        };
        var store = new ModelStore(options, http, TimeProvider.System, NullLogger<ModelStore>.Instance);
        var models = new FaceModels();
        models.Load(new FaceEngine(await store.ObtainAsync(pack, CancellationToken.None)));
        return models;
    }
}
