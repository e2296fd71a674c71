using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Hosting;

/// <summary>What an operator gets wrong is told in a sentence that names it, before anything is made or opened.</summary>
public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("start", "'start' is no setting and no command")]
    [InlineData("model list", "'model' is no setting and no command")]
    [InlineData("--Queue:Concurrency=2 models", "'models' is no setting and no command")]
    [InlineData("-v", "'-v' is no setting")]
    [InlineData("--version", "--version has no value")]
    [InlineData("--verbose --data elsewhere", "--verbose has no value")]
    [InlineData("--Queu:Concurrency=2", "There is no setting 'Queu'")]
    [InlineData("--port 9000", "There is no setting 'port'")]
    public void A_word_that_is_no_setting_is_refused(string arguments, string said)
    {
        var refused = Assert.Throws<StartupException>(() => Program.Build(arguments.Split(' ')));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.Contains("--help", refused.Message, StringComparison.Ordinal);
        Assert.True(Startup.IsOperatorsToMend(refused));
    }

    [Theory]
    [InlineData("--Queue:Concurency=2", "The section Queue has no setting 'Concurency'.")]
    [InlineData("--Queue:Concurrency=many", "Queue:Concurrency cannot be 'many': it is a whole number.")]
    [InlineData("--Queue:KeepJobs=7d", "Queue:KeepJobs cannot be '7d': it is a duration, [days.]hours:minutes:seconds")]
    [InlineData("--Accounts:AllowRegistration=maybe", "Accounts:AllowRegistration cannot be 'maybe': it is true or false.")]
    [InlineData("--Queue:Concurrency=1000", "The setting Concurrency must be between 0 and 256.")]
    [InlineData("--Hosting:ShutdownGrace=soon", "Hosting:ShutdownGrace cannot be 'soon'")]
    [InlineData("--Hosting:TrustedProxies:0=proxy", "Hosting:TrustedProxies: 'proxy' is no address")]
    public async Task A_value_that_cannot_be_is_told_without_the_names_of_classes(string argument, string said)
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => TestHost.StartAsync(args: argument));

        Assert.True(Startup.IsOperatorsToMend(refused));
        var advice = Startup.AdviceOn(refused);
        Assert.StartsWith(said, advice, StringComparison.Ordinal);
        Assert.DoesNotMatch("Options|DataAnnotation|System\\.|Rollcall\\.Server", advice);
    }

    [Theory]
    [InlineData("--Logging:LogLevel:Default=Warning")]
    [InlineData("--Kestrel:Limits:MaxConcurrentConnections=100")]
    [InlineData("--OTEL_SERVICE_NAME=rollcall")]
    [InlineData("--environment Production")]
    public async Task What_the_framework_reads_is_let_through(string arguments)
    {
        using var folder = new TestFolder();

        await using var app = Program.Build(["--data", folder.Path, .. arguments.Split(' ')]);

        Assert.Equal(folder.Path, app.Configuration["Storage:Data"]);
    }

    [Fact]
    public async Task A_stop_while_it_begins_to_listen_is_a_stop_and_no_fault()
    {
        using var folder = new TestFolder();
        var app = Program.Build(["--urls", "http://127.0.0.1:0", "--data", folder.Path], builder =>
        {
            builder.Logging.ClearProviders();
            builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, Impatience>());
        });

        Assert.Equal(0, await Program.ServeAsync(app));
    }

    [Fact]
    public void A_data_folder_that_cannot_be_written_is_not_taken_for_one_in_use()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");

        var refused = Assert.Throws<StartupException>(() => new DataFolder(Microsoft.Extensions.Options.Options.Create(new StorageOptions { Data = file })));

        Assert.Contains("may write", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("another Rollcall", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Somebody sends SIGTERM while the server starts.</summary>
    private sealed class Impatience(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.StopApplication();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
