using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.OpenApi;

/// <summary>
/// Makes the schemas of the wire's records say what is written and read, which the generator sees only in part: what is always there, what
/// may be null and what is left out instead, the ranges of numbers, and that nothing else ever comes.
/// </summary>
internal sealed class ContractSchemas : IOpenApiDocumentTransformer
{
    private const string EnvelopePrefix = "ApiResponseOf";

    private static readonly Dictionary<string, Type> Records = typeof(ApiFailure).Assembly.GetExportedTypes()
        .Where(type => type is { IsClass: true, IsGenericTypeDefinition: false } && RollcallJson.Options.TryGetTypeInfo(type, out _))
        .ToDictionary(type => type.Name, StringComparer.Ordinal);

    public static IReadOnlySet<string> ErrorCodeNames { get; } = typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (string)field.GetRawConstantValue()!).ToHashSet(StringComparer.Ordinal);

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var schemas = document.Components!.Schemas!;
        ChangedRecords.Settle(document);
        foreach (var (name, schema) in schemas)
        {
            if (schema is not OpenApiSchema open) continue;
            if (name.StartsWith(EnvelopePrefix, StringComparison.Ordinal)) MakeEnvelope(open);
            else if (Records.TryGetValue(name, out var type)) Complete(open, RollcallJson.Options.GetTypeInfo(type), document);
        }

        schemas.Remove(nameof(JsonElement));
        schemas.Remove(nameof(JsonObject));
        Codes(schemas);
        Wording.Mend(document);
        return Task.CompletedTask;
    }

    private static void Codes(IDictionary<string, IOpenApiSchema> schemas)
    {
        ((OpenApiSchema)((OpenApiSchema)schemas[nameof(ApiFailure)]).Properties!["success"]).Enum = [false];
        var code = (OpenApiSchema)((OpenApiSchema)schemas[nameof(ApiError)]).Properties!["code"];
        code.Description = "What went wrong; the only thing to branch on.";
        code.Enum = [.. ErrorCodeNames.Append(Problem.InternalError).Order(StringComparer.Ordinal).Select(value => (JsonNode)value)];
    }

    /// <summary>A success has data and nothing of a failure.</summary>
    private static void MakeEnvelope(OpenApiSchema schema)
    {
        schema.Description = null;
        schema.Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["success"] = new OpenApiSchema { Type = JsonSchemaType.Boolean, Enum = [true] },
            ["data"] = WithoutNull(schema.Properties!["data"]),
        };
        schema.Required = new HashSet<string>(["success", "data"], StringComparer.Ordinal);
        schema.AdditionalPropertiesAllowed = false;
    }

    private static void Complete(OpenApiSchema schema, JsonTypeInfo type, OpenApiDocument document)
    {
        var isSent = type.UnmappedMemberHandling == JsonUnmappedMemberHandling.Disallow;
        var nullability = new NullabilityInfoContext();
        schema.AdditionalPropertiesAllowed = false;
        schema.Required = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in type.Properties)
        {
            if (schema.Properties?.TryGetValue(property.Name, out var seen) != true) continue;
            var member = (PropertyInfo)property.AttributeProvider!;
            var isLeftOut = member.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition
                is JsonIgnoreCondition.WhenWritingNull or JsonIgnoreCondition.WhenWritingDefault;
            if (isSent ? property.IsRequired : !isLeftOut) schema.Required.Add(property.Name);

            var isChange = ChangedRecords.ValueOf(property.PropertyType) is not null;
            var isNullable = isChange ? ChangedRecords.IsNullable(nullability.Create(member)) : property.IsGetNullable && (isSent || !isLeftOut);
            schema.Properties[property.Name] = SchemaOf(ChangedRecords.ValueOf(property.PropertyType) ?? property.PropertyType, seen!, isNullable, member, document);
        }
    }

    private static IOpenApiSchema SchemaOf(Type type, IOpenApiSchema seen, bool isNullable, PropertyInfo member, OpenApiDocument document)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var description = seen.Description ?? WithoutNull(seen).Description;
        if (type == typeof(JsonElement) || type == typeof(JsonObject)) seen = Schemas.AnyObject();
        if (type == typeof(DateTimeOffset)) seen = Schemas.Moment();
        if (ChangedRecords.ValueOf(member.PropertyType) is not null) seen = ChangedRecords.SchemaOf(type, document);
        seen = WithoutNull(seen);
        if (seen is OpenApiSchema { Type: not null } open)
        {
            open.Description = description;
            open.Type = isNullable ? open.Type | JsonSchemaType.Null : open.Type & ~JsonSchemaType.Null;
            Limit(open, ChangedRecords.Original(member));
            return open;
        }

        if (!isNullable)
        {
            seen.Description = description;
            return seen;
        }

        return new OpenApiSchema { Description = description, OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, seen] };
    }

    private static void Limit(OpenApiSchema schema, PropertyInfo member)
    {
        if (member.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            schema.Minimum = Convert.ToString(range.Minimum, CultureInfo.InvariantCulture);
            schema.Maximum = range.Maximum is int.MaxValue or double.PositiveInfinity ? null : Convert.ToString(range.Maximum, CultureInfo.InvariantCulture);
        }

        if (member.GetCustomAttribute<StringLengthAttribute>() is { } length)
        {
            schema.MaxLength = length.MaximumLength;
            if (length.MinimumLength > 0) schema.MinLength = length.MinimumLength;
        }

        if (member.GetCustomAttribute<RegularExpressionAttribute>() is { } pattern) schema.Pattern = pattern.Pattern;
        if (member.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed)
            schema.Enum = [.. allowed.Values.Select(value => value is bool flag ? (JsonNode)flag : (JsonNode)(string)value!)];
        if (member.Name == nameof(ApiKey.Scopes)) (schema.Items, schema.Description) = (Schemas.Choice(Rights.OfScope.Keys), "What it may do.");
        if (member.Name.EndsWith("JobId", StringComparison.Ordinal)) schema.Format = "uuid";
    }

    private static IOpenApiSchema WithoutNull(IOpenApiSchema schema) =>
        schema is OpenApiSchema { OneOf: [OpenApiSchema { Type: JsonSchemaType.Null }, { } value] } ? value : schema;
}
