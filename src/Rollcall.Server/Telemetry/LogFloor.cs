namespace Rollcall.Server.Telemetry;

/// <summary>
/// Below a warning the web framework writes down addresses with their query and headers that it could not read: external ids, keys. No setting brings
/// these lines back.
/// </summary>
internal static class LogFloor
{
    private const string Framework = "Microsoft.AspNetCore";

    public static void Apply(LoggerFilterOptions options)
    {
        for (var i = 0; i < options.Rules.Count; i++)
        {
            var rule = options.Rules[i];
            options.Rules[i] = new LoggerFilterRule(
                rule.ProviderName,
                rule.CategoryName,
                rule.LogLevel,
                (provider, category, level) => Allows(category, level) && (rule.Filter?.Invoke(provider, category, level) ?? true));
        }

        // First, so that any rule for everything that was set before takes its place.
        options.Rules.Insert(0, new LoggerFilterRule(null, null, options.MinLevel, (_, category, level) => Allows(category, level)));
    }

    private static bool Allows(string? category, LogLevel level) =>
        level >= LogLevel.Warning || category?.StartsWith(Framework, StringComparison.OrdinalIgnoreCase) != true;
}
