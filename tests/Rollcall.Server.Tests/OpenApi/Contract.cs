using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Rollcall.Server.Tests.OpenApi;

/// <summary>The OpenAPI document as a judge of answers. Schemas are built once for each operation and status.</summary>
internal sealed partial class Contract(JsonObject document)
{
    private const string Components = "#/components/schemas/";
    private const string Definitions = "#/$defs/";

    /// <summary>Headers that HTTP brings along, and that no operation has to tell of.</summary>
    private static readonly HashSet<string> OfHttp = new(
        ["Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Date", "Cache-Control", "Pragma", "Expires", "Vary"], StringComparer.OrdinalIgnoreCase);

    private static readonly ConcurrentDictionary<string, Lazy<Task<Contract>>> ByRoutes = new(StringComparer.Ordinal);
    private static readonly EvaluationOptions Quick = new() { OutputFormat = OutputFormat.Flag, RequireFormatValidation = true };
    private static readonly EvaluationOptions Thorough = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    private readonly ConcurrentDictionary<string, JsonSchema> _schemas = new(StringComparer.Ordinal);

    public JsonObject Document => document;

    /// <summary>The document of a host; hosts with the same routes have the same.</summary>
    public static Task<Contract> OfAsync(IServiceProvider services)
    {
        var routes = services.GetRequiredService<EndpointDataSource>().Endpoints.Select(endpoint => endpoint.DisplayName).Order(StringComparer.Ordinal);
        return ByRoutes.GetOrAdd(string.Join('\n', routes), _ => new(() => ReadAsync(services))).Value;
    }

    /// <summary>What the document has against an answer, and what to do about it.</summary>
    public IReadOnlyList<string> Judge(string method, string route, int status, IHeaderDictionary headers, ReadOnlyMemory<byte> body)
    {
        var told = $"{method} {route} answered {status}";
        if (document["paths"]![route]?[method.ToLowerInvariant()] is not JsonObject operation)
            return [$"{told}, and the document has no such operation: describe the route, or exclude it with ExcludeFromDescription()."];
        if (operation["responses"]![status.ToString(provider: null)] is not JsonObject response)
            return [$"{told}, which its operation does not declare: {Undeclared(status, body)}"];

        var wrong = new List<string>();
        JudgeHeaders(told, response, headers, wrong);
        JudgeBody(told, response, headers.ContentType.ToString(), body, wrong);
        JudgeCode(told, response, body, wrong);
        return wrong;
    }

    /// <summary>What belongs to no operation is at least an error in the envelope.</summary>
    public IReadOnlyList<string> JudgeStray(string method, string path, int status, ReadOnlyMemory<byte> body)
    {
        if (status < StatusCodes.Status400BadRequest) return method == "OPTIONS" ? [] : [$"{method} {path}, where no route is, answered {status}."];
        var wrong = new List<string>();
        var failure = new JsonObject { ["$ref"] = $"{Components}ApiFailure" };
        Validate($"{method} {path}, where no route is, answered {status}", failure, body, wrong);
        return wrong;
    }

    private static async Task<Contract> ReadAsync(IServiceProvider services)
    {
        var read = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1").GetOpenApiDocumentAsync();
        return new Contract(JsonNode.Parse(await read.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1))!.AsObject());
    }

    private static string Undeclared(int status, ReadOnlyMemory<byte> body)
    {
        if (status < 400) return "say .Answers(status, description, headers) at the route.";
        var code = CodeOf(body);
        return $"say .Refuses(ErrorCodes.…) with {code ?? "its code"} at the route or its group; what all routes of a kind answer is in OpenApi/Operations.cs and Access.cs.";
    }

    private void JudgeHeaders(string told, JsonObject response, IHeaderDictionary headers, List<string> wrong)
    {
        var declared = response["headers"]?.AsObject();
        foreach (var (name, header) in declared ?? [])
        {
            var open = header!["$ref"] is { } shared ? document["components"]!["headers"]![shared.GetValue<string>().Split('/')[^1]]! : header;
            if (open["required"]?.GetValue<bool>() == true && !headers.ContainsKey(name)) wrong.Add($"{told} without the header {name}, which is declared as required.");
        }

        foreach (var name in headers.Keys.Where(name => !OfHttp.Contains(name) && !name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)))
        {
            if (declared?.Any(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)) != true)
                wrong.Add($"{told} with the header {name}, which is not declared: give .Answers(…) at the route an AnswerHeader for it, or for all answers .AlwaysAnswers(…).");
        }
    }

    private void JudgeBody(string told, JsonObject response, string contentType, ReadOnlyMemory<byte> body, List<string> wrong)
    {
        var type = contentType.Split(';')[0].Trim();
        if (response["content"] is not JsonObject content || content.Count == 0)
        {
            if (body.Length > 0) wrong.Add($"{told} with a body of {type}, and none is declared: let the handler's return type name it, or say .Produces(…).");
            return;
        }

        if (content[type] is not JsonObject media) wrong.Add($"{told} as '{type}', declared is {string.Join(", ", content.Select(pair => pair.Key))}.");
        else if (type == "application/json" && media["schema"] is JsonObject schema) Validate(told, schema, body, wrong);
    }

    private static void JudgeCode(string told, JsonObject response, ReadOnlyMemory<byte> body, List<string> wrong)
    {
        if (response["x-error-codes"] is not JsonArray codes || CodeOf(body) is not { } code) return;
        if (!codes.Any(known => known!.GetValue<string>() == code)) wrong.Add($"{told} with {code}, which its operation does not declare: say .Refuses(ErrorCodes.…) with it at the route.");
    }

    private void Validate(string told, JsonObject schema, ReadOnlyMemory<byte> body, List<string> wrong)
    {
        JsonElement instance;
        try
        {
            instance = JsonElement.Parse(body.Span);
        }
        catch (JsonException)
        {
            wrong.Add($"{told} with a body that is not JSON.");
            return;
        }

        var text = schema.ToJsonString();
        var built = _schemas.GetOrAdd(text, Build);
        if (built.Evaluate(instance, Quick).IsValid) return;

        var errors = (built.Evaluate(instance, Thorough).Details ?? [])
            .Where(detail => !detail.IsValid && detail.Errors is not null)
            .SelectMany(detail => detail.Errors!.Select(error => $"at {detail.InstanceLocation}: {error.Value} ({detail.EvaluationPath})"));
        wrong.Add($"{told} with a body that is not of its schema {text}:\n  {string.Join("\n  ", errors)}\n  "
            + $"What a record's schema says follows from its types and attributes (OpenApi/ContractSchemas.cs). The body: {instance}");
    }

    private JsonSchema Build(string text)
    {
        var root = JsonNode.Parse(text.Replace(Components, Definitions, StringComparison.Ordinal))!.AsObject();
        var definitions = new JsonObject();
        var open = new Queue<string>([root.ToJsonString()]);
        while (open.TryDequeue(out var next))
        {
            foreach (var name in Reference().Matches(next).Select(match => match.Groups["name"].Value))
            {
                if (definitions.ContainsKey(name)) continue;
                var definition = document["components"]!["schemas"]![name]!.ToJsonString().Replace(Components, Definitions, StringComparison.Ordinal);
                definitions.Add(name, JsonNode.Parse(definition));
                open.Enqueue(definition);
            }
        }

        root["$schema"] = "https://json-schema.org/draft/2020-12/schema";
        root["$defs"] = definitions;
        return JsonSchema.FromText(root.ToJsonString(), new BuildOptions { SchemaRegistry = new SchemaRegistry() });
    }

    private static string? CodeOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            return body.Length == 0 ? null : JsonElement.Parse(body.Span).GetProperty("error").GetProperty("code").GetString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"#/\$defs/(?<name>\w+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();
}
