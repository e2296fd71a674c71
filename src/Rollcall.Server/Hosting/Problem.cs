using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Hosting;

/// <summary>Why a request is refused: a code of the contract, a message that tells the caller what to do, and the answer itself.</summary>
internal sealed record Problem(string Code, string Message) : IResult, IEndpointMetadataProvider
{
    /// <summary>For a fault of the server: the contract's table has no code that would be true.</summary>
    public const string InternalError = "INTERNAL_ERROR";

    public JsonObject? Details { get; init; }

    public int? RetryAfterSeconds { get; init; }

    /// <summary>Overrides the status that the contract gives the code.</summary>
    public int? Status { get; init; }

    public static Problem Invalid(string message) => new(ErrorCodes.InvalidRequest, message);

    public static Problem NotFound(string message) => new(ErrorCodes.NotFound, message);

    public static Problem TooLarge() => new(ErrorCodes.PayloadTooLarge, "The body is larger than this route takes.");

    /// <summary>What the contract names and this version does not have: refused, never ignored.</summary>
    public static Problem NotYet(string what) => Invalid($"{what} is not in this version of the server yet.");

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status400BadRequest, typeof(ApiFailure), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status ?? ErrorCodes.StatusOf(Code) ?? StatusCodes.Status500InternalServerError;
        if (RetryAfterSeconds is { } seconds) response.Headers[HeaderNames.RetryAfter] = seconds.ToString(provider: null);
        if (response.StatusCode == StatusCodes.Status401Unauthorized) response.Headers[HeaderNames.WWWAuthenticate] = "Bearer, ApiKey";

        var body = new ApiFailure
        {
            Success = false,
            Error = new ApiError { Code = Code, Message = Message, Details = Details },
            RequestId = httpContext.TraceIdentifier,
            Timestamp = httpContext.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(),
        };
        return response.WriteAsJsonAsync(body, RollcallJson.Options, httpContext.RequestAborted);
    }
}
