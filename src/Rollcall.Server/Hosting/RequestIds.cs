using System.Buffers;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Hosting;

/// <summary>Every answer names its request; a caller's own id is kept when it is a sane token.</summary>
internal static class RequestIds
{
    public const string Header = "X-Request-Id";
    private const int Longest = 128;
    private const string Pattern = "^[A-Za-z0-9_.:-]+$";
    private static readonly SearchValues<char> Token =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:");

    public static RequestParameter Parameter { get; } = RequestParameter.Header(
        Header,
        Schemas.Text(shortest: 1, longest: Longest).Matching(Pattern),
        "Your own id for the request, kept if it is of letters, digits, `-`, `_`, `.` and `:`; else it gets a new one.");

    public static AnswerHeader AnswerHeader { get; } = new(Header, Schemas.Text(shortest: 1, longest: Longest).Matching(Pattern), "The id of the request, for a question to the operator.");

    public static IApplicationBuilder UseRequestIds(this IApplicationBuilder app, TimeProvider time) => app.Use((context, next) =>
    {
        var own = context.Request.Headers[Header].ToString();
        context.TraceIdentifier = IsSane(own) ? own : Ids.New("req_", time);

        // When the answer starts, for an answer about an exception begins by clearing the headers.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[Header] = context.TraceIdentifier;
            return Task.CompletedTask;
        });
        return next(context);
    });

    private static bool IsSane(string id) => id.Length is > 0 and <= Longest && !id.AsSpan().ContainsAnyExcept(Token);
}
