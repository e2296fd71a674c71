using System.Buffers;
using System.Net.ServerSentEvents;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Rollcall.Client.Contracts;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Batches;

/// <summary>
/// The answer that tells a job's events as they come, and gives the caller's place back at its end. The framework's own result for
/// server-sent events writes no comments, and a line that says nothing for minutes is cut by proxies.
/// </summary>
internal sealed class EventStream(JobEvents events, EventsRequest request, Action end) : IResult, IEndpointMetadataProvider
{
    public const string ContentType = "text/event-stream";

    private const string BufferingHeader = "X-Accel-Buffering";

    public static AnswerHeader Buffering { get; } = new(BufferingHeader, Schemas.Choice("no"), "Asks proxies to pass each event on at once.");

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), [ContentType]));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, ct) = (httpContext.Response, httpContext.RequestAborted);
        try
        {
            response.ContentType = ContentType;
            response.Headers.CacheControl = "no-store";
            response.Headers[BufferingHeader] = "no";
            httpContext.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
            await response.StartAsync(ct);
            if (HeadRequests.Is(httpContext)) return; // it would be waited for, and nobody hears it

            await SseFormatter.WriteAsync(events.TellAsync(request, KeepAliveAsync, ct), response.Body, Write, ct);
        }
        catch (Exception e) when (ct.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // The caller has gone away.
        }
        finally
        {
            end();
        }

        async Task KeepAliveAsync()
        {
            // The formatter waits for the next event meanwhile, so it writes nothing.
            await response.Body.WriteAsync(":\n\n"u8.ToArray(), ct);
            await response.Body.FlushAsync(ct);
        }
    }

    private static void Write(SseItem<object> item, IBufferWriter<byte> buffer)
    {
        using var json = new Utf8JsonWriter(buffer);
        JsonSerializer.Serialize(json, item.Data, item.Data.GetType(), RollcallJson.Options);
    }
}
