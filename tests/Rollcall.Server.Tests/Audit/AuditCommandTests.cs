using System.Diagnostics;
using Rollcall.Server.Audit;

namespace Rollcall.Server.Tests.Audit;

/// <summary><c>audit verify</c> as a process of its own, beside a server that runs on the folder.</summary>
public sealed class AuditCommandTests
{
    [Fact]
    public async Task It_ends_with_0_where_all_is_as_it_was_written_and_with_1_where_it_is_not()
    {
        await using var host = await TestHost.StartAsync();
        var (tenant, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        await host.Get<AuditSequencer>().ChainAsync(CancellationToken.None);
        var head = (await host.Get<AuditVerifier>().VerifyAsync(tenant.Organization, null, CancellationToken.None)).Head;

        var good = await RunAsync("verify", "--data", host.Data);
        Assert.Equal(0, good.Code);
        Assert.Contains($"ok      {tenant.Organization} {head}", good.Output, StringComparison.Ordinal);
        Assert.Contains($"ok      {other.Organization} 4:", good.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("verify", "--organization", tenant.Organization, "--head", head.ToString(), "--data", host.Data)).Code);
        var lost = await RunAsync("verify", $"--organization={tenant.Organization}", $"--head=5:{head.Hash}", "--data", host.Data);
        Assert.Equal(1, lost.Code);
        Assert.Contains($"broken  {tenant.Organization} at 5: missing; good up to {head}", lost.Output, StringComparison.Ordinal);

        await host.DropTriggersAsync();
        await host.ExecuteAsync("UPDATE audit_entry SET details = '{}' WHERE organization_id = @Organization AND number = 3", tenant);
        var bad = await RunAsync("verify", "--data", host.Data);
        Assert.Equal(1, bad.Code);
        Assert.Contains($"broken  {tenant.Organization} at 3: changed; good up to 2:", bad.Output, StringComparison.Ordinal);
        Assert.Contains($"ok      {other.Organization}", bad.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("verify", "--organization", other.Organization, "--data", host.Data)).Code);
        Assert.Equal(1, (await RunAsync("verify", "--organization", "org_unknown", "--data", host.Data)).Code);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(2, "check")]
    [InlineData(2, "verify", "--organization")]
    [InlineData(2, "verify", "--head", "1")]
    [InlineData(2, "verify", "--head", "1:0000000000000000000000000000000000000000000000000000000000000000")] // of which organization?
    [InlineData(1, "verify", "extra")]
    [InlineData(1, "verify", "--data", "/nonexistent")]
    [InlineData(0, "--help")]
    public async Task What_it_does_not_understand_ends_with_2_and_what_is_not_there_with_1(int code, params string[] arguments)
    {
        var (ended, output, errors) = await RunAsync(arguments);

        Assert.True(code == ended, output + errors);
        Assert.NotEmpty(code == 0 ? output : errors);
    }

    internal static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Rollcall.Server.dll"), "audit", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
