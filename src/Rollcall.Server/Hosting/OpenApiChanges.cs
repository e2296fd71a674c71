using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Hosting;

/// <summary>A field of a change is its value on the wire, or null; the generator cannot see that through the converter.</summary>
internal sealed class OpenApiChanges : IOpenApiSchemaTransformer
{
    public async Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(Change<>)) return;

        var value = await context.GetOrCreateSchemaAsync(type.GenericTypeArguments[0], cancellationToken: cancellationToken);
        schema.Type = (value.Type ?? JsonSchemaType.String) | (value.Properties is null ? JsonSchemaType.Null : 0);
        schema.Enum = value.Enum;
        schema.Format = value.Format;
        schema.Properties = value.Properties;
        schema.AdditionalPropertiesAllowed = value.AdditionalPropertiesAllowed;
    }
}
