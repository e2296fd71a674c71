using Microsoft.OpenApi;

namespace Rollcall.Server.OpenApi;

/// <summary>A parameter as the document tells of it.</summary>
internal sealed record RequestParameter(ParameterLocation In, string Name, OpenApiSchema Schema, string Description)
{
    public bool IsRequired { get; init; }

    public static RequestParameter Query(string name, OpenApiSchema schema, string description) => new(ParameterLocation.Query, name, schema, description);

    public static RequestParameter Header(string name, OpenApiSchema schema, string description) => new(ParameterLocation.Header, name, schema, description);

    public IOpenApiParameter ToOpenApi() => new OpenApiParameter { Name = Name, In = In, Required = IsRequired, Schema = Schema, Description = Description };
}

/// <summary>A header of an answer as the document tells of it; a required one is in every answer with that status.</summary>
internal sealed record AnswerHeader(string Name, OpenApiSchema Schema, string Description, bool IsRequired = true)
{
    public static AnswerHeader Location(string of) => new("Location", new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri-reference" }, $"Where {of} is.");

    public static AnswerHeader RetryAfter(bool isRequired = true) => new(
        "Retry-After", new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "0" }, "Seconds to wait before the next request.", isRequired);

    /// <summary>What a caller has left; on every answer of a limited route but those that are refused before it is counted.</summary>
    public static IReadOnlyList<AnswerHeader> RateLimits { get; } =
    [
        new("RateLimit", Schemas.Text(), "What is left of each limit, and the seconds until there is everything again.", IsRequired: false),
        new("RateLimit-Policy", Schemas.Text(), "The limits.", IsRequired: false),
    ];

    public IOpenApiHeader ToOpenApi() => new OpenApiHeader { Description = Description, Required = IsRequired, Schema = Schema };
}

/// <summary>Parameters that the handler reads from the request itself, or whose type is not that of its argument.</summary>
internal sealed record Parameters(IReadOnlyList<RequestParameter> All);

/// <summary>Codes that a route refuses with; those that follow from its credential and its body go without saying.</summary>
internal sealed record Refusals(IReadOnlyList<string> Codes);

/// <summary>What a status of success means at a route, and its headers.</summary>
internal sealed record Answer(int Status, string Description, IReadOnlyList<AnswerHeader> Headers);

/// <summary>Headers that are in answers of every status.</summary>
internal sealed record EveryAnswer(IReadOnlyList<AnswerHeader> Headers);

/// <summary>What a route says of itself, beside the route; <see cref="Operations"/> writes it into the document.</summary>
internal static class RouteDescription
{
    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder route, string operationId, string summary, string? description = null)
    {
        route.WithName(operationId).WithSummary(summary);
        return description is null ? route : route.WithDescription(description);
    }

    public static TBuilder Takes<TBuilder>(this TBuilder route, params IReadOnlyList<RequestParameter> parameters)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new Parameters(parameters));

    public static TBuilder Takes<TBuilder>(this TBuilder route, MultipartForm form)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(form).AddEndpointFilter(
            async (invocation, next) => form.Misplaced(invocation.HttpContext.Request.Query) is { } problem ? problem : await next(invocation));

    public static TBuilder Refuses<TBuilder>(this TBuilder route, params IReadOnlyList<string> codes)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new Refusals(codes));

    public static TBuilder Answers<TBuilder>(this TBuilder route, int status, string description, params IReadOnlyList<AnswerHeader> headers)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new Answer(status, description, headers));

    public static TBuilder AlwaysAnswers<TBuilder>(this TBuilder route, params IReadOnlyList<AnswerHeader> headers)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new EveryAnswer(headers));
}
