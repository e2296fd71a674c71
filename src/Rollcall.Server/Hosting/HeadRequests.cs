namespace Rollcall.Server.Hosting;

/// <summary>Where there is GET there is HEAD, with the same headers; the server beneath leaves the body out.</summary>
internal static class HeadRequests
{
    private static readonly object Mark = new();

    public static Task AnswerAsGetAsync(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Items[Mark] = true;
            context.Request.Method = HttpMethods.Get;
        }

        return next(context);
    }

    /// <summary>For an answer whose body has no end of its own.</summary>
    public static bool Is(HttpContext context) => context.Items.ContainsKey(Mark);
}
