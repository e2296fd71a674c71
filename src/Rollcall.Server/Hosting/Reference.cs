using System.Text;
using Rollcall.Server.OpenApi;
using Scalar.AspNetCore;

namespace Rollcall.Server.Hosting;

/// <summary>The OpenAPI document and a page to read it.</summary>
internal static class Reference
{
    private const string Document = "/openapi/v1.json";

    public const string Path = "/api/v1/reference";

    public static void MapReference(this IEndpointRouteBuilder app)
    {
        app.MapGet(Document, async (DocumentText text, HttpRequest http) => Results.Text(await text.ForAsync(http), "application/json", Encoding.UTF8)).ExcludeFromDescription();
        app.MapScalarApiReference(Path, page =>
        {
            page.WithTitle("Rollcall API").WithOpenApiRoutePattern(Document);

            // The page is for reading, and it works where nothing outside can be reached.
            page.DisableDefaultFonts().DisableAgent().DisableMcp().DisableTelemetry().HideDeveloperTools().HideClientButton();
        });
        app.MapGet("/", () => Results.Redirect(Path)).ExcludeFromDescription();
    }
}
