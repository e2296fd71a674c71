using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;

namespace Rollcall.Server.Tests.Hosting;

/// <summary>Every example of the client's README is compiled, word by word, and runs against a server.</summary>
public sealed partial class ClientReadmeTests
{
    [Fact]
    public void Every_example_is_a_part_of_what_is_compiled()
    {
        var compiled = Part().Matches(Repository.Read("tests", "Rollcall.Server.Tests", "Hosting", "ClientReadme.cs")).Select(part => Undented(part.Groups["text"].Value));
        var shown = Block().Matches(Repository.Read("src", "Rollcall.Client", "README.md")).Select(block => block.Groups["text"].Value);

        Assert.Equal(compiled, shown);
    }

    [Fact]
    public async Task They_enrol_and_recognise_at_a_server()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        using var photos = new TestFolder();
        File.Copy(Assets.Lfw("George_W_Bush"), Path.Combine(photos.Path, "anna.jpg"));
        File.Copy(Assets.Lfw("Colin_Powell"), Path.Combine(photos.Path, "bert.jpg"));
        File.Copy(Assets.Lfw("George_W_Bush", 3), Path.Combine(photos.Path, "anna-today.jpg"));
        var services = new ServiceCollection();
        ClientReadme.AddTo(services, host.Address, tenant.ApiKey);
        await using var provider = services.BuildServiceProvider();

        await ClientReadme.EnrolAndRecogniseAsync(host.Address, tenant.ApiKey, tenant.Collection, photos.Path);

        string[] expected = ["anna: Enrolled ", "bert: Enrolled ", "anna: Enrolled", "bert: Enrolled", "anna, 0.", "bert 0.", "anna 0.", "Conflict: This external id"];
        Assert.All(expected, line => Assert.Contains(ClientReadme.Written, written => written.StartsWith(line, StringComparison.Ordinal)));

        var gate = provider.GetRequiredService<ClientReadme.Gate>();
        await using var today = File.OpenRead(Path.Combine(photos.Path, "anna-today.jpg"));
        Assert.True(await gate.OpensForAsync(tenant.Collection, "anna", today));
        today.Position = 0;
        Assert.False(await gate.OpensForAsync(tenant.Collection, "bert", today));
    }

    /// <summary>A part as it would stand by itself: by as much to the left as its first line is to the right.</summary>
    private static string Undented(string part)
    {
        var indent = part.Length - part.TrimStart(' ').Length;
        return string.Join('\n', part.Split('\n').Select(line => line.Length == 0 ? line : line[indent..]));
    }

    [GeneratedRegex("^ *// README\n(?<text>.*?\n)\n(?= *// (README|END)$)", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Part();

    [GeneratedRegex("^```csharp\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();
}
