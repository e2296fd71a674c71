using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Rollcall.Client;
using Rollcall.Faces;

namespace Rollcall.Server.Tests.Telemetry;

public sealed partial class EventIdTests
{
    private const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Fact]
    public void A_number_in_the_log_stands_for_one_thing()
    {
        var messages = Messages();
        Assert.True(messages.Count > 20, "The messages are not found any more.");
        Assert.DoesNotContain(messages, method => method.Message!.EventId <= 0);
        var shared = messages.GroupBy(method => method.Message!.EventId).Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(method => method.Name))}");
        Assert.Empty(shared);
    }

    [Fact]
    public void The_operators_guide_lists_every_number_and_none_that_is_gone()
    {
        var guide = File.ReadAllText(Path.Combine(Here(), "..", "..", "..", "docs", "operating.md")).ReplaceLineEndings("\n");
        var logs = guide[guide.IndexOf("\n## Logs\n", StringComparison.Ordinal)..];
        logs = logs[..logs.IndexOf("\n## ", 1, StringComparison.Ordinal)];
        var listed = new HashSet<int>();
        foreach (Match row in Row().Matches(logs))
        {
            foreach (Match numbers in Numbers().Matches(row.Groups["cell"].Value))
            {
                var first = int.Parse(numbers.Groups["first"].Value, CultureInfo.InvariantCulture);
                var last = numbers.Groups["last"].Success ? int.Parse(numbers.Groups["last"].Value, CultureInfo.InvariantCulture) : first;
                listed.UnionWith(Enumerable.Range(first, last - first + 1));
            }
        }

        Assert.Equal(Messages().Select(method => method.Message!.EventId).Order(), listed.Order());
    }

    private static List<(string Name, LoggerMessageAttribute? Message)> Messages() => [.. new[] { typeof(Program).Assembly, typeof(FaceEngine).Assembly, typeof(RollcallClient).Assembly }
        .SelectMany(assembly => assembly.GetTypes()).SelectMany(type => type.GetMethods(All))
        .Select(method => (Name: $"{method.DeclaringType!.Name}.{method.Name}", Message: method.GetCustomAttribute<LoggerMessageAttribute>()))
        .Where(method => method.Message is not null)];

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    [GeneratedRegex(@"^\| (?<cell>\d[^|]*)\|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();

    [GeneratedRegex(@"(?<first>\d{4})(–(?<last>\d{4}))?", RegexOptions.ExplicitCapture)]
    private static partial Regex Numbers();
}
