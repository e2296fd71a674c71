using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Rollcall.Server.Tests;

/// <summary>A request that is written byte by byte, for what no client would send.</summary>
internal sealed class RawRequest : IDisposable
{
    public const string Boundary = "b";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly TcpClient _socket = new();

    public static string ImagePart { get; } = $"--{Boundary}\r\nContent-Disposition: form-data; name=\"images\"; filename=\"a.jpg\"\r\n\r\n";

    /// <summary>Sends the head of a submit; the body is the test's.</summary>
    public static Task<RawRequest> SubmitAsync(Tenant tenant, string framing) => PostAsync(tenant, "faces/batch-async", framing);

    /// <summary>The same for another route of the tenant's collection.</summary>
    public static async Task<RawRequest> PostAsync(Tenant tenant, string route, string framing)
    {
        var raw = new RawRequest();
        await raw._socket.ConnectAsync(tenant.Server.Host, tenant.Server.Port);
        await raw.SendAsync(
            $"POST /api/v1/collections/{tenant.Collection}/{route} HTTP/1.1\r\nHost: x\r\nX-API-Key: {tenant.ApiKey}\r\n" +
            $"Content-Type: multipart/form-data; boundary={Boundary}\r\n{framing}\r\n\r\n");
        return raw;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _socket.GetStream().WriteAsync(bytes);

    public async Task SendChunkAsync(ReadOnlyMemory<byte> bytes)
    {
        await SendAsync(bytes.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
        await SendAsync(bytes);
        await SendAsync("\r\n");
    }

    /// <summary>The head of the answer, which may come while the body is not sent; empty when the connection ends without one.</summary>
    public async Task<string> AnswerAsync()
    {
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        using var limit = new CancellationTokenSource(Limit);
        while (!answer.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var read = await ReadAsync(buffer, limit.Token);
            if (read == 0) break;
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return answer.ToString();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<int> ReadAsync(byte[] buffer, CancellationToken limit)
    {
        try
        {
            return await _socket.GetStream().ReadAsync(buffer, limit);
        }
        catch (IOException)
        {
            return 0; // reset
        }
    }
}
