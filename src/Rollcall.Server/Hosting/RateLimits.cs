using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Server.Accounts;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Hosting;

/// <summary>The route takes a batch: it counts against the limit on submits as well.</summary>
internal sealed class SubmitMetadata
{
    public static SubmitMetadata Instance { get; } = new();
}

/// <summary>
/// Rate limits, after authentication and before anything is looked up or read: for each credential, and for each address what comes
/// without a valid one. Every answer says what is left, as draft-ietf-httpapi-ratelimit-headers-11 writes it.
/// </summary>
internal sealed class RateLimits(IOptions<LimitOptions> options, TimeProvider time)
{
    private const string PolicyHeader = "RateLimit-Policy";
    private const string StateHeader = "RateLimit";
    private const int NetworkBytes = 8;

    private readonly Policy? _requests = Policy.Of("requests", options.Value.RequestsPerMinute, time);
    private readonly Policy? _submits = Policy.Of("submits", options.Value.SubmitsPerMinute, time);
    private readonly Policy? _anonymous = Policy.Of("anonymous", options.Value.AnonymousRequestsPerMinute, time);

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var taken = new List<(Policy Policy, RateTicket Ticket)>(2);
        if (CredentialOf(context.User) is { } credential)
        {
            Take(_requests, credential);
            if (context.GetEndpoint()?.Metadata.GetMetadata<SubmitMetadata>() is not null) Take(_submits, credential);
        }
        else
        {
            Take(_anonymous, NetworkOf(context.Connection.RemoteIpAddress));
        }

        if (taken.Count == 0) return next(context);
        context.Response.OnStarting(() =>
        {
            Settle(context.Response, taken);
            return Task.CompletedTask;
        });
        return taken[^1] is { Ticket.IsGranted: false } refused ? Refuse(refused.Policy, refused.Ticket).ExecuteAsync(context) : next(context);

        // What is refused by one limit does not count against the next.
        void Take(Policy? policy, string holder)
        {
            if (policy is not null && taken.TrueForAll(one => one.Ticket.IsGranted)) taken.Add((policy, policy.Windows.Take(holder)));
        }
    }

    private static void Settle(HttpResponse response, List<(Policy Policy, RateTicket Ticket)> taken)
    {
        if (response.StatusCode == StatusCodes.Status304NotModified)
        {
            foreach (var (policy, ticket) in taken)
                policy.Windows.GiveBack(ticket);
        }

        response.Headers[PolicyHeader] = string.Join(", ", taken.Select(one => $"\"{one.Policy.Name}\";q={one.Policy.Windows.Limit};w={RateWindows.Seconds}"));
        response.Headers[StateHeader] = string.Join(", ", taken.Select(one =>
        {
            var (remaining, seconds) = one.Policy.Windows.StateOf(one.Ticket);
            return $"\"{one.Policy.Name}\";r={remaining};t={seconds}";
        }));
    }

    private static Problem Refuse(Policy policy, RateTicket ticket) => new(
        ErrorCodes.RateLimitExceeded,
        $"More than {policy.Windows.Limit} {policy.What} in a minute: try again when Retry-After says. The header RateLimit tells what is left.")
    {
        RetryAfterSeconds = Math.Max(1, policy.Windows.StateOf(ticket).Seconds),
    };

    private static string? CredentialOf(ClaimsPrincipal user) =>
        user.Identity?.IsAuthenticated == true ? user.FindFirstValue(ApiKeyAuthentication.KeyClaim) ?? user.FindFirstValue(BearerAuthentication.AccountClaim) : null;

    /// <summary>An IPv4 address; of an IPv6 address the network, for whoever has one of its addresses has them all.</summary>
    private static string NetworkOf(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4().ToString();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, NetworkBytes)) : address.ToString();
    }

    private sealed record Policy(string Name, string What, RateWindows Windows)
    {
        public static Policy? Of(string name, int limit, TimeProvider time) => limit == 0 ? null : new Policy(
            name,
            name switch
            {
                "submits" => "batches of this credential",
                "anonymous" => "requests without a valid credential from this address",
                _ => "requests of this credential",
            },
            new RateWindows(limit, time));
    }
}

internal static class RateLimitSetup
{
    public static void AddLimits(this WebApplicationBuilder builder)
    {
        builder.AddCheckedOptions<LimitOptions>("Limits");
        builder.Services.AddSingleton<RateLimits>();
    }

    /// <summary>The API alone, spelt as routing takes it: who asks whether the server lives or is ready is never refused.</summary>
    public static void UseRateLimits(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<RateLimits>();
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/api/v1", StringComparison.OrdinalIgnoreCase), api => api.Use(limits.InvokeAsync));
    }
}
