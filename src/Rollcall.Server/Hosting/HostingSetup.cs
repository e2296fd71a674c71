using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Net.Http.Headers;
using Rollcall.Client.Contracts;
using Rollcall.Server.Accounts;
using Rollcall.Server.OpenApi;
using Rollcall.Server.Organizations;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Hosting;

internal static class HostingSetup
{
    private const string EitherCredential = "Either";

    public static void AddHosting(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.ConfigureHttpJsonOptions(json => RollcallJson.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.AddCheckedOptions<HostingOptions>("Hosting");
        builder.AddTelemetry();
        builder.AddLimits();
        var grace = builder.Configuration.Read<HostingOptions>("Hosting").ShutdownGrace;
        services.Configure<HostOptions>(host =>
        {
            // A worker that fails must not take the API down; it says so in the log and its loop goes on.
            host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore;
            host.ShutdownTimeout = grace;

            // Else the workers would go on claiming for as long as the slowest upload is waited for.
            host.ServicesStopConcurrently = true;
        });
        services.AddSingleton<IMemoryPoolFactory<byte>, WipedBuffers>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024; // JSON; the routes that take images say how much more
        });

        // AddAuthentication would bring cookie keys along, which nothing here uses and which it writes to the home folder.
        services.AddAuthenticationCore(authentication => authentication.DefaultScheme = EitherCredential);
        services.AddWebEncoders();
        new AuthenticationBuilder(services)
            .AddScheme<AuthenticationSchemeOptions, ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null)
            .AddScheme<AuthenticationSchemeOptions, BearerAuthentication>(BearerAuthentication.SchemeName, null)
            .AddPolicyScheme(EitherCredential, null, either => either.ForwardDefaultSelector = context =>
                context.Request.Headers.ContainsKey(ApiKeyAuthentication.Header) ? ApiKeyAuthentication.SchemeName : BearerAuthentication.SchemeName);
        services.AddAuthorization();
        services.AddForwarding();
        services.AddCrossOrigin();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, RefusalAnswer>();
        services.AddSingleton<DocumentText>();
        services.AddOpenApi(DocumentText.Name, document => document
            .AddSchemaTransformer<EnumNames>().AddSchemaTransformer<ChangedRecords>()
            .AddOperationTransformer<Operations>()
            .AddDocumentTransformer<ContractSchemas>().AddDocumentTransformer<DocumentHead>());
    }

    public static void UseHosting(this WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseRequestIds(app.Services.GetRequiredService<TimeProvider>());
        app.UseMiddleware<AccessLog>();
        app.UseErrorEnvelope();
        app.Use(HeadRequests.AnswerAsGetAsync);
        app.UseRouting();
        app.UseCrossOrigin();
        app.UsePlainBodies();
        app.Use(RefuseOtherCharsetsAsync);
        app.Use(RefuseBothCredentialsAsync);
        app.Use(RefuseTooLargeAsync);
        app.UseAuthentication();
        app.UseRateLimits();
        app.UseAuthorization();
    }

    /// <summary>JSON is UTF-8; the framework would look for the encoding and fail where there is none of that name.</summary>
    private static Task RefuseOtherCharsetsAsync(HttpContext context, RequestDelegate next) =>
        !HttpMethods.IsGet(context.Request.Method) && MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && type.Charset.HasValue
            && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase)
            ? new Problem(ErrorCodes.UnsupportedMediaType, "Send the body in UTF-8.").ExecuteAsync(context)
            : next(context);

    private static Task RefuseBothCredentialsAsync(HttpContext context, RequestDelegate next) =>
        context.Request.Headers.ContainsKey(ApiKeyAuthentication.Header) && context.Request.Headers.ContainsKey(HeaderNames.Authorization)
            ? Problem.Invalid("Send either X-API-Key or Authorization, not both.").ExecuteAsync(context)
            : next(context);

    /// <summary>A body that says of itself that it is too large is refused before anything is looked up for it.</summary>
    private static Task RefuseTooLargeAsync(HttpContext context, RequestDelegate next) =>
        context.Request.ContentLength > context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize
            ? Problem.TooLarge().ExecuteAsync(context)
            : next(context);
}
