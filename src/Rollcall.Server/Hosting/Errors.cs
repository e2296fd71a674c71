using System.Data.Common;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Rollcall.Client.Contracts;
using Rollcall.Server.Collections;
using Rollcall.Server.Organizations;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Hosting;

/// <summary>Turns what no handler answered (an exception, a bare status) into the contract's error envelope.</summary>
internal static class Errors
{
    private const int RetryAfterSeconds = 10;

    public static void UseErrorEnvelope(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = context => Describe(context).ExecuteAsync(context),
            SuppressDiagnosticsCallback = handled => handled.Exception is BadHttpRequestException or OperationCanceledException or CollectionGoneException or OrganizationGoneException,
        });
        app.UseStatusCodePages(status => Describe(status.HttpContext.Response.StatusCode).ExecuteAsync(status.HttpContext));
    }

    private static Problem Describe(HttpContext context) => context.Features.Get<IExceptionHandlerFeature>()?.Error switch
    {
        BadHttpRequestException { InnerException: JsonException json } => Problem.Invalid(Describe(json)),
        BadHttpRequestException bad => Describe(bad.StatusCode),
        CollectionGoneException => CollectionStore.NotFound(),
        OrganizationGoneException => Problem.NotFound("There is no such organization for this credential."),
        DbException failure when IsBug(context, failure) => Bug(),
        IOException or UnauthorizedAccessException or DbException => new Problem(ErrorCodes.ServiceBusy, "The server's storage does not answer: try again shortly.")
        {
            RetryAfterSeconds = RetryAfterSeconds,
        },
        _ => Bug(),
    };

    private static bool IsBug(HttpContext context, DbException failure) =>
        context.RequestServices.GetRequiredService<Database>().Dialect.IsConstraintViolation(failure);

    private static Problem Bug() => new(Problem.InternalError, "Something failed in the server. Try again; if it stays, give the operator this request id.")
    {
        Status = StatusCodes.Status500InternalServerError,
    };

    /// <summary>Where in the body it is, and what the serializer has against it, without its words for our types.</summary>
    private static string Describe(JsonException json)
    {
        if (json.Path is null) return "The body is not JSON.";
        var missing = json.Message.IndexOf("missing required properties including: ", StringComparison.Ordinal);
        if (missing >= 0) return $"The body lacks {json.Message[(missing + "missing required properties including: ".Length)..].TrimEnd('.')}.";
        if (json.Message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal))
            return $"The body has a property that is not known here: {json.Message.Split('\'')[1]}.";
        return $"The body has a value at {json.Path} that this route does not take.";
    }

    private static Problem Describe(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => new(ErrorCodes.MissingCredentials, "Send a credential."),
        StatusCodes.Status403Forbidden => new(ErrorCodes.InsufficientScope, "This route is for people: send the access token of a sign-in."),
        StatusCodes.Status404NotFound => Problem.NotFound("There is nothing at this address. The reference page lists every route."),
        StatusCodes.Status405MethodNotAllowed => Problem.Invalid("This address does not take that method.") with { Status = status },
        StatusCodes.Status413PayloadTooLarge => Problem.TooLarge(),
        StatusCodes.Status415UnsupportedMediaType => new(ErrorCodes.UnsupportedMediaType, "Send application/json, or multipart/form-data where images go."),
        _ => Problem.Invalid("The request could not be read.") with { Status = status },
    };
}
