using Microsoft.Extensions.Primitives;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Hosting;

/// <summary>
/// A body is taken as it is. One that is said to be compressed is refused, instead of being read as what it is not; and what is small on
/// the wire cannot become large in here.
/// </summary>
internal static class BodyEncodings
{
    public static IApplicationBuilder UsePlainBodies(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var headers = context.Request.Headers;
        if (!IsNothingBut(headers.ContentEncoding, "identity"))
            return new Problem(ErrorCodes.UnsupportedMediaType, "Send the body uncompressed, without Content-Encoding.").ExecuteAsync(context);
        if (!IsNothingBut(headers.TransferEncoding, "chunked"))
            return Problem.Invalid("Transfer-Encoding is chunked, and nothing else.").ExecuteAsync(context);
        return next(context);
    });

    private static bool IsNothingBut(StringValues header, string only) => header.Count == 0 || (header is [{ } one] && one.Equals(only, StringComparison.OrdinalIgnoreCase));
}
