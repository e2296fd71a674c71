using System.Globalization;
using System.Text.RegularExpressions;

namespace Rollcall.Server.Tests.Telemetry;

/// <summary>A page of Prometheus' text format, read line by line; a line that is not of the format fails the test.</summary>
internal sealed partial class Exposition
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);

    private Exposition(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var described = new HashSet<string>(StringComparer.Ordinal);
        var (name, type) = ("", "");
        foreach (var line in text[..^1].Split('\n'))
        {
            if (Help().Match(line) is { Success: true } help)
            {
                name = help.Groups["name"].Value;
                Assert.True(described.Add(name), $"{name} is described twice.");
                continue;
            }

            if (Kind().Match(line) is { Success: true } kind)
            {
                Assert.Equal(name, kind.Groups["name"].Value);
                type = kind.Groups["type"].Value;
                continue;
            }

            var sample = Sample().Match(line);
            Assert.True(sample.Success, $"Not a line of the format: {line}");
            string[] allowed = type == "histogram" ? [name + "_bucket", name + "_sum", name + "_count"] : [name];
            Assert.Contains(sample.Groups["name"].Value, allowed);
            if (type == "counter") Assert.EndsWith("_total", name, StringComparison.Ordinal);
            Assert.True(
                _samples.TryAdd(
                    sample.Groups["series"].Value,
                    sample.Groups["value"].Value is "+Inf" ? double.PositiveInfinity : double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture)),
                $"{sample.Groups["series"].Value} stands there twice.");
        }
    }

    public IEnumerable<string> Series => _samples.Keys;

    public double this[string series] => _samples.TryGetValue(series, out var value) ? value : 0;

    public static async Task<Exposition> ScrapeAsync(HttpClient http)
    {
        using var response = await http.GetAsync("/metrics");
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        return new Exposition(text);
    }

    [GeneratedRegex(@"^# HELP (?<name>[a-z_][a-z0-9_]*) [^\n]+$", RegexOptions.ExplicitCapture)]
    private static partial Regex Help();

    [GeneratedRegex("^# TYPE (?<name>[a-z_][a-z0-9_]*) (?<type>counter|gauge|histogram)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Kind();

    [GeneratedRegex(
        """^(?<series>(?<name>[a-z_][a-z0-9_]*)(\{[a-z_][a-z0-9_]*="([^"\\\n]|\\[\\"n])*"(,[a-z_][a-z0-9_]*="([^"\\\n]|\\[\\"n])*")*\})?) (?<value>[-+]?[0-9.]+(E[-+]?[0-9]+)?|\+Inf)$""",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Sample();
}
