using System.Data.Common;
using Microsoft.AspNetCore.Diagnostics;
using Rollcall.Client.Contracts;

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
            SuppressDiagnosticsCallback = handled => handled.Exception is BadHttpRequestException or OperationCanceledException,
        });
        app.UseStatusCodePages(status => Describe(status.HttpContext.Response.StatusCode).ExecuteAsync(status.HttpContext));
    }

    private static Problem Describe(HttpContext context) => context.Features.Get<IExceptionHandlerFeature>()?.Error switch
    {
        BadHttpRequestException bad => Describe(bad.StatusCode) with { Message = bad.Message },
        IOException or DbException => new Problem(ErrorCodes.ServiceBusy, "The server's storage does not answer. Nothing was kept of the request: try again shortly.")
        {
            RetryAfterSeconds = RetryAfterSeconds,
        },
        _ => new Problem("INTERNAL_ERROR", "Something failed in the server. Try again; if it stays, give the operator this request id.")
        {
            Status = StatusCodes.Status500InternalServerError,
        },
    };

    private static Problem Describe(int status) => status switch
    {
        StatusCodes.Status404NotFound => Problem.NotFound("There is nothing at this address. The reference page lists every route."),
        StatusCodes.Status405MethodNotAllowed => Problem.Invalid("This address does not take that method.") with { Status = status },
        StatusCodes.Status413PayloadTooLarge => new(ErrorCodes.PayloadTooLarge, "The body is larger than this route takes."),
        StatusCodes.Status415UnsupportedMediaType => new(ErrorCodes.UnsupportedMediaType, "Send the content type that this route takes."),
        _ => Problem.Invalid("The request could not be read.") with { Status = status },
    };
}
