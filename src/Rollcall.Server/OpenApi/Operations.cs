using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.OpenApi;

/// <summary>
/// Completes what the generator sees of a route: its parameters, its form, its credentials, the headers of its answers, and every status
/// that it can answer with, the codes of each. What all routes of a kind have in common is derived here; the rest each says of itself.
/// </summary>
internal sealed class Operations : IOpenApiOperationTransformer
{
    /// <summary>The codes of an answer, for programs that read the document.</summary>
    public const string CodesExtension = "x-error-codes";

    private const string Failure = nameof(ApiFailure);

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var access = Access.Of(metadata);
        var document = context.Document!;
        var form = metadata.OfType<MultipartForm>().LastOrDefault();
        if (form is not null) operation.RequestBody = form.ToBody();

        Describe(operation, access);
        AddParameters(operation, context.Description.RelativePath ?? "", metadata, access, document);
        operation.Security = access.ToRequirements(document);
        operation.Responses ??= [];
        var hasBody = form is not null || metadata.OfType<IAcceptsMetadata>().Any();
        var codes = metadata.OfType<Refusals>().SelectMany(refusals => refusals.Codes)
            .Concat(access.Codes(operation))
            .Concat(Everywhere)
            .Concat(hasBody ? OfBodies : []);
        AddAnswers(operation, metadata, document);
        AddRefusals(operation, codes, document);
        var always = metadata.OfType<EveryAnswer>().SelectMany(every => every.Headers).Append(RequestIds.AnswerHeader).ToList();
        foreach (var response in operation.Responses.Values.OfType<OpenApiResponse>())
        {
            foreach (var header in always) AddHeader(response, header, document);
        }

        var sorted = operation.Responses.OrderBy(response => response.Key, StringComparer.Ordinal).ToList();
        operation.Responses = [];
        foreach (var (status, response) in sorted) operation.Responses.Add(status, response);
        return Task.CompletedTask;
    }

    private static readonly string[] Everywhere = [ErrorCodes.InvalidRequest, Problem.InternalError, ErrorCodes.ServiceBusy];

    private static readonly string[] OfBodies = [ErrorCodes.PayloadTooLarge, ErrorCodes.UnsupportedMediaType];

    private static void Describe(OpenApiOperation operation, Access access)
    {
        if (access.Needs is not { } needs) return;
        operation.Description = operation.Description is null ? needs : $"{operation.Description}\n\n{needs}";
    }

    private static void AddParameters(OpenApiOperation operation, string path, IList<object> metadata, Access access, OpenApiDocument document)
    {
        var told = metadata.OfType<Parameters>().SelectMany(parameters => parameters.All)
            .Concat(PathParameters.Of(path))
            .Concat(access.Parameters)
            .Append(RequestIds.Parameter)
            .ToList();
        var seen = operation.Parameters ?? [];
        var names = told.Select(parameter => (parameter.In, parameter.Name)).ToHashSet();
        operation.Parameters =
        [
            .. told.OrderBy(parameter => parameter.In switch { ParameterLocation.Path => 0, ParameterLocation.Query => 1, _ => 2 })
                .Select(parameter => SharedParts.ReferenceTo(parameter, document) ?? parameter.ToOpenApi()),
            .. seen.Where(parameter => !names.Contains((parameter.In!.Value, parameter.Name!))),
        ];
    }

    private static void AddAnswers(OpenApiOperation operation, IList<object> metadata, OpenApiDocument document)
    {
        foreach (var answer in metadata.OfType<Answer>())
        {
            var key = answer.Status.ToString(provider: null);
            if (!operation.Responses!.TryGetValue(key, out var there)) operation.Responses.Add(key, there = new OpenApiResponse());
            var response = (OpenApiResponse)there;
            response.Description = answer.Description;
            foreach (var header in answer.Headers) AddHeader(response, header, document);
        }
    }

    private static void AddRefusals(OpenApiOperation operation, IEnumerable<string> codes, OpenApiDocument document)
    {
        var byStatus = codes.Distinct(StringComparer.Ordinal).GroupBy(code => ErrorCodes.StatusOf(code) ?? StatusCodes.Status500InternalServerError);
        foreach (var group in byStatus.OrderBy(group => group.Key))
        {
            var all = group.Order(StringComparer.Ordinal).ToList();
            var response = new OpenApiResponse
            {
                Description = $"{ReasonPhrases.GetReasonPhrase(group.Key)}: {string.Join(", ", all.Select(code => $"`{code}`"))}",
                Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = new OpenApiSchemaReference(Failure, document) } },
                Extensions = new Dictionary<string, IOpenApiExtension>
                {
                    [CodesExtension] = new JsonNodeExtension(new System.Text.Json.Nodes.JsonArray([.. all.Select(code => (System.Text.Json.Nodes.JsonNode)code)])),
                },
            };
            if (group.Key == StatusCodes.Status401Unauthorized) AddHeader(response, Access.Challenge, document);
            if (group.Key is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable) AddHeader(response, AnswerHeader.RetryAfter(), document);
            if (all.Contains(ErrorCodes.IdempotencyKeyInUse)) AddHeader(response, AnswerHeader.RetryAfter(isRequired: false), document);
            operation.Responses![group.Key.ToString(provider: null)] = response;
        }
    }

    private static void AddHeader(OpenApiResponse response, AnswerHeader header, OpenApiDocument document)
    {
        response.Headers ??= new Dictionary<string, IOpenApiHeader>();
        response.Headers[header.Name] = SharedParts.ReferenceTo(header, document) ?? header.ToOpenApi();
    }
}
