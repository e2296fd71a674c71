using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Rollcall.Server.Organizations;

namespace Rollcall.Server.Hosting;

/// <summary>Who the caller is when a proxy stands in between: the last address that a trusted proxy did not vouch for by being one itself.</summary>
internal static class Forwarding
{
    /// <summary>
    /// After every other configuration, because the framework has a switch of its own (ASPNETCORE_FORWARDEDHEADERS_ENABLED, set by some
    /// platforms) that believes whoever connects.
    /// </summary>
    public static void AddForwarding(this IServiceCollection services) =>
        services.AddOptions<ForwardedHeadersOptions>().PostConfigure<IOptions<HostingOptions>>((headers, hosting) =>
        {
            headers.KnownProxies.Clear();
            headers.KnownIPNetworks.Clear();
            foreach (var proxy in hosting.Value.TrustedProxies)
            {
                if (AddressList.TryParse(proxy, out var network)) headers.KnownIPNetworks.Add(network);
            }

            // An empty list of proxies means "anybody" to the middleware.
            headers.ForwardedHeaders = hosting.Value.TrustedProxies.Count == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            headers.ForwardLimit = null; // from the right, through trusted proxies only, however many they are
        });
}
