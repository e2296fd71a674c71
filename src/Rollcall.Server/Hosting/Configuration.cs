namespace Rollcall.Server.Hosting;

/// <summary>Where settings come from: appsettings.json, then <c>Rollcall__Section__Key</c>, then <c>--Section:Key=value</c>.</summary>
internal static class Configuration
{
    private const string OwnVariables = "Rollcall__";
    private const string DefaultUrl = "http://127.0.0.1:8080";

    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables(OwnVariables);
        builder.Configuration.AddCommandLine(args);

        // Short for Storage:Data, and only where it is said to us: a variable DATA of the machine's must not move the database.
        var own = new ConfigurationBuilder().AddEnvironmentVariables(OwnVariables).AddCommandLine(args).Build();
        if (own["Data"] is { Length: > 0 } data) builder.Configuration["Storage:Data"] = data;
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey])) builder.WebHost.UseUrls(DefaultUrl);
        return builder;
    }

    /// <summary>Options of a section, checked before the host starts; a key that is misspelt is an error, not a default.</summary>
    public static void AddCheckedOptions<T>(this WebApplicationBuilder builder, string section)
        where T : class =>
        builder.Services.AddOptionsWithValidateOnStart<T>()
            .Bind(builder.Configuration.GetSection(section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateDataAnnotations();
}
