using System.Reflection;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.OpenApi;

/// <summary>A field of a change is its value on the wire, or null; the generator cannot see that through the converter.</summary>
internal sealed class ChangedRecords : IOpenApiSchemaTransformer
{
    private const string Prefix = "ChangeOf";

    public async Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (ValueOf(context.JsonTypeInfo.Type) is not { } type) return;
        var value = await context.GetOrCreateSchemaAsync(type, cancellationToken: cancellationToken);
        (schema.Type, schema.Properties, schema.Description) = (value.Type, value.Properties, value.Description);
    }

    /// <summary>The type of a change's value; null for what is no change.</summary>
    public static Type? ValueOf(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Change<>) ? type.GenericTypeArguments[0] : null;

    public static bool IsNullable(NullabilityInfo change) => change.GenericTypeArguments[0].ReadState == NullabilityState.Nullable;

    /// <summary>Where the limits of a field of a change are said: at the record that it changes.</summary>
    public static PropertyInfo Original(PropertyInfo member) => member.DeclaringType switch
    {
        var type when type == typeof(CollectionSettingsPatch) => typeof(CollectionSettings).GetProperty(member.Name)!,
        var type when type == typeof(CollectionPatch) => typeof(CreateCollection).GetProperty(member.Name)!,
        _ => member,
    };

    /// <summary>The records that a change holds stand under their own names, and what the others are is said at each field.</summary>
    public static void Settle(OpenApiDocument document)
    {
        var schemas = document.Components!.Schemas!;
        foreach (var (name, schema) in schemas.Where(pair => pair.Key.StartsWith(Prefix, StringComparison.Ordinal)).ToList())
        {
            schemas.Remove(name);
            if (schema.Properties is { Count: > 0 }) document.AddComponent(name[Prefix.Length..], schema);
        }

        // Documented by inheritance, which is lost on the way.
        if (!schemas.TryGetValue(nameof(CollectionSettingsPatch), out var patch)) return;
        patch.Description = "The settings that change: what is absent stays as it is, null goes back to its default.";
        var described = schemas[nameof(CollectionSettings)].Properties!;
        foreach (var name in patch.Properties!.Keys.ToList()) patch.Properties[name] = new OpenApiSchema { Description = described[name].Description };
    }

    public static IOpenApiSchema SchemaOf(Type type, OpenApiDocument document) => type switch
    {
        _ when type == typeof(string) => Schemas.Text(),
        _ when type == typeof(bool) => Schemas.Flag(),
        _ when type == typeof(int) => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
        _ when type == typeof(double) => new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double" },
        _ => new OpenApiSchemaReference(type.Name, document),
    };
}
