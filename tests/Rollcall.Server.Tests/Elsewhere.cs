using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Rollcall.Server.Tests;

/// <summary>The connection comes from where the test says.</summary>
internal sealed class Elsewhere(Func<IPAddress?> address) : IStartupFilter
{
    public static void Comes(WebApplicationBuilder builder, Func<IPAddress?> address) =>
        builder.Services.AddSingleton<IStartupFilter>(new Elsewhere(address));

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, go) =>
        {
            context.Connection.RemoteIpAddress = address();
            return go(context);
        });
        next(app);
    };
}
