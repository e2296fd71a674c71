using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.OpenApi;

/// <summary>The kinds of value that fields of forms and parameters have.</summary>
internal static class Schemas
{
    public static OpenApiSchema Text(int? shortest = null, int? longest = null) => new() { Type = JsonSchemaType.String, MinLength = shortest, MaxLength = longest };

    public static OpenApiSchema Choice(params IEnumerable<string> values) => new() { Type = JsonSchemaType.String, Enum = [.. values.Select(value => (JsonNode)value)] };

    public static OpenApiSchema Choice<TEnum>(params IEnumerable<TEnum> except)
        where TEnum : struct, Enum => Choice(Enum.GetValues<TEnum>().Except(except).Select(WireName.Of));

    public static OpenApiSchema Share() => new() { Type = JsonSchemaType.Number, Format = "double", Minimum = "0", Maximum = "1" };

    public static OpenApiSchema Whole(int least, int most) => new()
    {
        Type = JsonSchemaType.Integer,
        Format = "int32",
        Minimum = least.ToString(CultureInfo.InvariantCulture),
        Maximum = most.ToString(CultureInfo.InvariantCulture),
    };

    public static OpenApiSchema Flag() => new() { Type = JsonSchemaType.Boolean };

    /// <summary>A flag that cannot be set yet.</summary>
    public static OpenApiSchema Never() => new() { Type = JsonSchemaType.Boolean, Enum = [false], Default = false };

    public static OpenApiSchema Moment() => new() { Type = JsonSchemaType.String, Format = "date-time" };

    public static OpenApiSchema File() => new() { Type = JsonSchemaType.String, Format = "binary" };

    /// <summary>JSON in a text field.</summary>
    public static OpenApiSchema Json(OpenApiSchema content) => new() { Type = JsonSchemaType.String, ContentMediaType = "application/json", ContentSchema = content };

    public static OpenApiSchema AnyObject() => new() { Type = JsonSchemaType.Object };

    public static OpenApiSchema Many(OpenApiSchema items, int? fewest = null, int? most = null) =>
        new() { Type = JsonSchemaType.Array, Items = items, MinItems = fewest, MaxItems = most };

    public static OpenApiSchema Matching(this OpenApiSchema schema, string pattern)
    {
        schema.Pattern = pattern;
        return schema;
    }

    public static OpenApiSchema Or(this OpenApiSchema schema, JsonNode byDefault)
    {
        schema.Default = byDefault;
        return schema;
    }
}
