using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>What came back over a bare socket: nothing when the server hung up without a word.</summary>
internal sealed record RawAnswer(string Text)
{
    public int Status => Text.Length == 0 ? 0 : int.Parse(Text.Split(' ')[1], CultureInfo.InvariantCulture);

    public string Head => Text.Split("\r\n\r\n")[0];

    /// <summary>The error's code; null for an answer without a body, as HTTP itself gives one.</summary>
    public string? Code
    {
        get
        {
            var (start, end) = (Text.IndexOf('{', StringComparison.Ordinal), Text.LastIndexOf('}'));
            return start < 0 ? null : JsonNode.Parse(Text[start..(end + 1)])?["error"]?["code"]?.GetValue<string>();
        }
    }
}

/// <summary>Requests that no client library would send, byte by byte.</summary>
internal static class RawHttp
{
    // An exchange may have more than a gigabyte, on a machine that does other things as well.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Sends; returns all that came until the server closed.</summary>
    public static Task<RawAnswer> SendAsync(Uri server, params IEnumerable<ReadOnlyMemory<byte>> pieces) => SendAsync(server, pieces, goAway: false);

    /// <summary>Sends, and says that nothing more will come.</summary>
    public static Task<RawAnswer> SendAndGoAsync(Uri server, ReadOnlyMemory<byte> request) => SendAsync(server, [request], goAway: true);

    private static async Task<RawAnswer> SendAsync(Uri server, IEnumerable<ReadOnlyMemory<byte>> pieces, bool goAway)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Host, server.Port, limit.Token);
        var stream = socket.GetStream();
        var answer = ReadAsync(stream, limit.Token);
        try
        {
            foreach (var piece in pieces)
            {
                if (answer.IsCompleted) break;
                await stream.WriteAsync(piece, limit.Token);
            }

            if (goAway) socket.Client.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The server has had enough: what it said is what counts.
        }

        return new RawAnswer(await answer);
    }

    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken ct)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, ct)) > 0) bytes.Write(buffer, 0, read);
        }
        catch (IOException)
        {
            // Reset instead of closed.
        }

        return Encoding.UTF8.GetString(Unchunked(bytes.ToArray()));
    }

    /// <summary>An answer in chunks as if it had come in one piece: their lengths would stand in the middle of its JSON.</summary>
    private static byte[] Unchunked(ReadOnlySpan<byte> answer)
    {
        var at = answer.IndexOf("\r\n\r\n"u8) + 4;
        if (at < 4 || answer[..at].IndexOf("Transfer-Encoding: chunked"u8) < 0) return answer.ToArray();

        var whole = new List<byte>([.. answer[..at]]);
        for (var rest = answer[at..]; rest.IndexOf("\r\n"u8) is var end and > 0;)
        {
            if (!int.TryParse(rest[..end], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var length)) break;
            var chunk = rest[(end + 2)..];
            length = Math.Min(length, chunk.Length);
            whole.AddRange(chunk[..length]);
            rest = chunk[Math.Min(length + 2, chunk.Length)..];
        }

        return [.. whole];
    }
}
