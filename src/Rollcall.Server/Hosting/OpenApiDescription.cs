using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Hosting;

/// <summary>What the generator cannot see: the title, the credentials, and the bodies that are read as streams.</summary>
internal sealed class OpenApiDescription : IOpenApiDocumentTransformer
{
    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Rollcall API",
            Version = "v1",
            Description = "Enrol up to 100 photographs with one request, follow the job, and recognise the people on others.",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [ApiKeyAuthentication.SchemeName] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = ApiKeyAuthentication.Header },
            ["Bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" },
        };
        document.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiKeyAuthentication.SchemeName, document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("Bearer", document)] = [] },
        ];

        foreach (var route in new[] { "batch", "batch-async" }) Body(document, $"/api/v1/collections/{{collection_id}}/faces/{route}", new()
        {
            ["images"] = Many(File()),
            ["external_ids[]"] = Many(Text()),
            ["metadata[]"] = Many(Text()),
            ["entries"] = Text(),
            ["on_duplicate"] = Text("replace", "replace_if_better", "append", "skip", "reject"),
            ["multiple_faces"] = Text("reject", "largest"),
            ["min_quality"] = Number(),
            ["allow_identity_change"] = Flag(),
        });
        Body(document, "/api/v1/collections/{collection_id}/faces", new()
        {
            ["image"] = File(),
            ["external_id"] = Text(),
            ["metadata"] = Text(),
            ["on_duplicate"] = Text("reject", "replace", "replace_if_better", "append", "skip"),
            ["multiple_faces"] = Text("reject", "largest"),
            ["min_quality"] = Number(),
            ["allow_identity_change"] = Flag(),
        });
        Body(document, "/api/v1/collections/{collection_id}/identify", new()
        {
            ["image"] = File(),
            ["top_k"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "100" },
            ["threshold"] = Number(),
            ["multiple_faces"] = Text("largest", "reject"),
            ["deduplicate"] = Flag(),
            ["return_metadata"] = Flag(),
        });
        Body(document, "/api/v1/collections/{collection_id}/verify", new()
        {
            ["image"] = File(),
            ["external_id"] = Text(),
            ["face_id"] = Text(),
            ["threshold"] = Number(),
            ["multiple_faces"] = Text("largest", "reject"),
        });
        Body(document, "/api/v1/compare", new()
        {
            ["image_a"] = File(),
            ["image_b"] = File(),
            ["threshold"] = Number(),
            ["multiple_faces"] = Text("largest", "reject"),
        });
        Body(document, "/api/v1/detect", new() { ["image"] = File() });
        return Task.CompletedTask;
    }

    private static void Body(OpenApiDocument document, string path, Dictionary<string, IOpenApiSchema> parts)
    {
        document.Paths[path].Operations![HttpMethod.Post].RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["multipart/form-data"] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = parts } },
            },
        };
    }

    private static OpenApiSchema File() => new() { Type = JsonSchemaType.String, Format = "binary" };

    private static OpenApiSchema Text(params string[] values) =>
        new() { Type = JsonSchemaType.String, Enum = values.Length == 0 ? null : [.. values.Select(value => System.Text.Json.Nodes.JsonValue.Create(value)!)] };

    private static OpenApiSchema Number() => new() { Type = JsonSchemaType.Number, Minimum = "0", Maximum = "1" };

    private static OpenApiSchema Flag() => new() { Type = JsonSchemaType.Boolean };

    private static OpenApiSchema Many(OpenApiSchema items) => new() { Type = JsonSchemaType.Array, Items = items };
}
