using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.OpenApi;

/// <summary>Comments of the wire's records name properties and values as C# does; the document names them as they are on the wire.</summary>
internal static partial class Wording
{
    private static readonly Dictionary<string, Type> Types = typeof(ApiFailure).Assembly.GetExportedTypes()
        .Where(type => !type.IsGenericTypeDefinition).ToDictionary(type => type.Name, StringComparer.Ordinal);

    public static void Mend(OpenApiDocument document)
    {
        foreach (var schema in document.Components!.Schemas!.Values)
        {
            Mend(schema);
            foreach (var property in schema.Properties?.Values ?? []) Mend(property);
        }
    }

    private static void Mend(IOpenApiSchema schema)
    {
        if (schema.Description is not { } text) return;
        text = Reference().Replace(text, match => Types.TryGetValue(match.Groups["type"].Value, out var type) ? Name(type, match) : match.Value);
        schema.Description = text.ReplaceLineEndings(" ");
    }

    /// <summary>A property comes with its type before it, a value of an enum without.</summary>
    private static string Name(Type type, System.Text.RegularExpressions.Match match)
    {
        var member = match.Groups["member"].Value;
        if (type.IsEnum) return $"{match.Groups["before"]}`{JsonNamingPolicy.SnakeCaseLower.ConvertName(member)}`";
        return type.GetField(member, BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() is string constant
            ? $"`{constant}`"
            : $"`{JsonNamingPolicy.SnakeCaseLower.ConvertName(member)}`";
    }

    [GeneratedRegex(@"(?<before>\S+ )?\b(?<type>[A-Z]\w+)\.(?<member>[A-Z]\w*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();
}
