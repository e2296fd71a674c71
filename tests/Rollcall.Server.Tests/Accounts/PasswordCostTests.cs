using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Rollcall.Server.Tests.Accounts;

/// <summary>What a password costs at a server; at a test's host it costs next to nothing.</summary>
public sealed class PasswordCostTests
{
    [Fact]
    public async Task A_password_costs_what_OWASP_asks_for()
    {
        using var folder = new TestFolder();
        await using var app = Program.Build(["--data", folder.Path]);

        var hasher = app.Services.GetRequiredService<IOptions<PasswordHasherOptions>>().Value;

        Assert.InRange(hasher.IterationCount, 210_000, int.MaxValue);
        Assert.Equal(PasswordHasherCompatibilityMode.IdentityV3, hasher.CompatibilityMode);
    }
}
