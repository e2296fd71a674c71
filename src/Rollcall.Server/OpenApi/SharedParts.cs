using Microsoft.OpenApi;
using Rollcall.Server.Hosting;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.OpenApi;

/// <summary>What nearly every operation has is written once, and referred to.</summary>
internal static class SharedParts
{
    private static readonly RequestParameter[] SharedParameters = [RequestIds.Parameter, RightAuthorization.Parameter];

    private static readonly AnswerHeader[] SharedHeaders = [RequestIds.AnswerHeader, Access.Challenge, .. AnswerHeader.RateLimits];

    public static IOpenApiParameter? ReferenceTo(RequestParameter parameter, OpenApiDocument document) =>
        SharedParameters.Contains(parameter) ? new OpenApiParameterReference(parameter.Name, document) : null;

    public static IOpenApiHeader? ReferenceTo(AnswerHeader header, OpenApiDocument document) =>
        SharedHeaders.Contains(header) ? new OpenApiHeaderReference(header.Name, document) : null;

    public static void AddTo(OpenApiComponents components)
    {
        components.Parameters = SharedParameters.ToDictionary(parameter => parameter.Name, parameter => parameter.ToOpenApi());
        components.Headers = SharedHeaders.ToDictionary(header => header.Name, header => header.ToOpenApi());
    }
}
