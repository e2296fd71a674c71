using System.Net;

namespace Rollcall.Faces.Tests.Models;

/// <summary>A web server on this machine that answers every request alike.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    public FileServer(HttpStatusCode status, byte[] body)
    {
        // The range that the system gives no outgoing connection; a taken port is tried again.
        for (var port = Random.Shared.Next(20_000, 30_000); ; port++)
        {
            Address = new($"http://localhost:{port}/model.onnx");
            _listener.Prefixes.Add($"http://localhost:{port}/");
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException)
            {
                _listener.Prefixes.Clear();
            }
        }

        _serving = ServeAsync(status, body);
    }

    public Uri Address { get; }

    public int Requests { get; private set; }

    private async Task ServeAsync(HttpStatusCode status, byte[] body)
    {
        while (true)
        {
            HttpListenerContext request;
            try
            {
                request = await _listener.GetContextAsync();
            }
            catch (Exception failure) when (failure is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Requests++;
            request.Response.StatusCode = (int)status;
            try
            {
                await request.Response.OutputStream.WriteAsync(body);
                request.Response.Close();
            }
            catch (HttpListenerException)
            {
                // The client had enough.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }
}
