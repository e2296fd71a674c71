using System.Text.RegularExpressions;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Hosting;

/// <summary>Where settings come from: appsettings.json, then <c>Rollcall__Section__Key</c>, then <c>--Section:Key=value</c>.</summary>
internal static partial class Configuration
{
    private const string OwnVariables = "Rollcall__";
    private const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>What ASP.NET Core and OpenTelemetry read without a section of ours.</summary>
    private static readonly string[] ForeignKeys =
    [
        "Data", "Urls", "Http_Ports", "Https_Ports", "Logging", "Kestrel", "AllowedHosts", "Environment", "ContentRoot", "ForwardedHeaders_Enabled",
    ];

    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        RefuseWhatIsNoSetting(args);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables(OwnVariables);
        builder.Configuration.AddCommandLine(args);

        // Short for Storage:Data, and only where it is said to us: a variable DATA of the machine's must not move the database.
        if (SaidToUs(args)["Data"] is { Length: > 0 } data) builder.Configuration["Storage:Data"] = data;
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey])) builder.WebHost.UseUrls(DefaultUrl);
        return builder;
    }

    /// <summary>Options of a section, checked before the host starts; a key that is misspelt is an error, not a default.</summary>
    public static void AddCheckedOptions<T>(this WebApplicationBuilder builder, string section)
        where T : class
    {
        builder.Services.AddSingleton(new CheckedSection(section));
        builder.Services.AddOptionsWithValidateOnStart<T>()
            .Configure(options => BindExplained(builder.Configuration, section, options))
            .ValidateDataAnnotations();
    }

    /// <summary>Options of a section before there is a host.</summary>
    public static T Read<T>(this IConfiguration configuration, string section)
        where T : class, new()
    {
        var options = new T();
        BindExplained(configuration, section, options);
        return options;
    }

    /// <summary>A misspelt section would be as silent as a misspelt key; so this comes after all sections are added.</summary>
    public static void RefuseUnknownSections(this WebApplicationBuilder builder, string[] args)
    {
        var sections = builder.Services.Select(service => service.ImplementationInstance).OfType<CheckedSection>().Select(section => section.Name).ToList();
        foreach (var key in SaidToUs(args).GetChildren().Select(child => child.Key))
        {
            if (sections.Concat(ForeignKeys).Contains(key, StringComparer.OrdinalIgnoreCase) || key.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase)) continue;
            throw new StartupException($"There is no setting '{key}', and no section of that name: the sections are {string.Join(", ", sections.Order(StringComparer.Ordinal))}. --help says more.");
        }
    }

    private static IConfigurationRoot SaidToUs(string[] args) =>
        new ConfigurationBuilder().AddEnvironmentVariables(OwnVariables).AddCommandLine(args).Build();

    /// <summary>
    /// The framework's own reading skips a word that is no option, and takes the next option for the value of one that has none:
    /// <c>--verbose --data DIR</c> would leave the data folder behind.
    /// </summary>
    private static void RefuseWhatIsNoSetting(string[] args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i].Contains('=', StringComparison.Ordinal)) continue;
            if (!args[i].StartsWith("--", StringComparison.Ordinal) && !args[i].StartsWith('/'))
                throw new StartupException($"'{args[i]}' is no setting and no command. --help, as the first word, says what there is.");
            if (++i == args.Length || args[i].StartsWith("--", StringComparison.Ordinal))
                throw new StartupException($"{args[i - 1]} has no value. Settings are written --Section:Key=value; --help, as the first word, says more.");
        }
    }

    private static void BindExplained(IConfiguration configuration, string section, object options)
    {
        try
        {
            configuration.GetSection(section).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException e) when (UnknownKeys().Match(e.Message) is { Success: true } unknown)
        {
            throw new StartupException($"The section {section} has no setting {unknown.Groups["names"].Value}. docs/operating.md lists them all.", e);
        }
        catch (InvalidOperationException e) when (WrongType().Match(e.Message) is { Success: true } wrong)
        {
            var kind = wrong.Groups["type"].Value switch
            {
                "TimeSpan" => "a duration, [days.]hours:minutes:seconds, as 00:00:30 or 7.00:00:00",
                "Int32" or "Int64" => "a whole number",
                "Boolean" => "true or false",
                var other => $"a {other}",
            };
            throw new StartupException($"{wrong.Groups["key"].Value} cannot be '{wrong.Groups["value"].Value}': it is {kind}.", e);
        }
    }

    [GeneratedRegex("not found on the instance of [^:]*: (?<names>.+)$", RegexOptions.Singleline)]
    private static partial Regex UnknownKeys();

    [GeneratedRegex(@"^Failed to convert configuration value '(?<value>.*)' at '(?<key>[^']*)' to type '(?:\w+\.)*(?<type>\w+)'", RegexOptions.Singleline)]
    private static partial Regex WrongType();

    private sealed record CheckedSection(string Name);
}
