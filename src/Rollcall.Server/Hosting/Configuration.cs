namespace Rollcall.Server.Hosting;

/// <summary>Where settings come from: appsettings.json, then <c>Rollcall__Section__Key</c>, then <c>--Section:Key=value</c>.</summary>
internal static class Configuration
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables("Rollcall__");
        builder.Configuration.AddCommandLine(args);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey])) builder.WebHost.UseUrls(DefaultUrl);
        return builder;
    }

    /// <summary>Options of a section, checked before the host starts.</summary>
    public static void AddCheckedOptions<T>(this WebApplicationBuilder builder, string? section)
        where T : class
    {
        var source = section is null ? (IConfiguration)builder.Configuration : builder.Configuration.GetSection(section);
        builder.Services.AddOptionsWithValidateOnStart<T>().Bind(source).ValidateDataAnnotations();
    }
}
