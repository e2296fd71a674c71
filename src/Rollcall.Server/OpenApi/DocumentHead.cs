using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Rollcall.Server.Accounts;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.OpenApi;

/// <summary>What the document says of the API as a whole.</summary>
internal sealed class DocumentHead : IOpenApiDocumentTransformer
{
    public const string MetricsScheme = "MetricsToken";

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Rollcall API",
            Version = "v1",
            Description =
                """
                Enrol up to 100 photographs with one request, follow the job, and recognise the people on others.

                A success is `{"success": true, "data": …}`, an error `{"success": false, "error": {"code", "message", "details"?}, "request_id", "timestamp"}`.
                Branch on `error.code`; messages change. Unknown parts of a body are refused, unknown query parameters are ignored. Where there is GET
                there is HEAD. Lists are newest first: ask for the next page with the `next_cursor` of the one before, until it is null.
                """,
            License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };

        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [ApiKeyAuthentication.SchemeName] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = ApiKeyAuthentication.Header,
                Description = "For programs: a key of one organization, `rc_live_…`. Not together with a bearer token.",
            },
            [BearerAuthentication.SchemeName] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "For people: the `access_token` of a sign-in.",
            },
            [MetricsScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "For the operator: the token that `Hosting:MetricsToken` sets.",
            },
        };
        SharedParts.AddTo(document.Components);
        document.Security = null; // each operation says what it takes
        return Task.CompletedTask;
    }
}
