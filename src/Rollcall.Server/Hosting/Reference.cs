using Scalar.AspNetCore;

namespace Rollcall.Server.Hosting;

/// <summary>The OpenAPI document and a page to read it.</summary>
internal static class Reference
{
    public const string Path = "/api/v1/reference";

    public static void MapReference(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapScalarApiReference(Path, page =>
        {
            page.WithTitle("Rollcall API").WithOpenApiRoutePattern("/openapi/{documentName}.json");

            // The page is for reading, and it works where nothing outside can be reached.
            page.DisableDefaultFonts().DisableAgent().DisableMcp().DisableTelemetry().HideDeveloperTools().HideClientButton();
        });
        app.MapGet("/", () => Results.Redirect(Path)).ExcludeFromDescription();
    }
}
