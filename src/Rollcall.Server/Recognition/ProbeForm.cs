using Rollcall.Client.Contracts;
using Rollcall.Server.Batches;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Recognition;

/// <summary>
/// One image and a few fields. The image is held in memory: a temporary file would leave a face behind on the disk. One that is too large
/// is read to its end, so that the caller gets an answer instead of a broken connection.
/// </summary>
internal sealed record ProbeForm(ReadOnlyMemory<byte> Image, IReadOnlyDictionary<string, string> Fields)
{
    /// <summary>What a body may have: an image of the largest camera, which is then refused as an image, and a few words.</summary>
    public const long MostBodyBytes = 64 * 1024 * 1024;

    private const int BufferBytes = 64 * 1024;

    public static async Task<Result<ProbeForm>> ReadAsync(HttpRequest request, IReadOnlySet<string> known, CancellationToken ct)
    {
        if (MultipartParts.Open(request).IsRefused(out var problem, out var parts)) return problem;

        ReadOnlyMemory<byte>? image = null;
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                if ((await parts!.NextAsync(ct)).IsRefused(out problem, out var part)) return problem;
                if (part.Name is null) break;

                if (part.Name == "image")
                {
                    if (image is not null) return Problem.Invalid("Send one file, as 'image'.");
                    if ((await ReadImageAsync(part.Content, ct)).IsRefused(out problem, out var bytes)) return problem;
                    image = bytes;
                    continue;
                }

                if (!known.Contains(part.Name)) return Problem.Invalid($"The part '{part.Name}' is not known here.");
                if ((await parts.ReadTextAsync(part.Content, ct)).IsRefused(out problem, out var text)) return problem;
                if (!fields.TryAdd(part.Name, text!)) return Problem.Invalid($"The part '{part.Name}' is there twice.");
            }
        }
        catch (BrokenUploadException)
        {
            return MultipartParts.Broken();
        }

        return image is null ? Problem.Invalid("Send one file, as 'image'.") : new ProbeForm(image.Value, fields);
    }

    private static async Task<Result<ReadOnlyMemory<byte>>> ReadImageAsync(Stream content, CancellationToken ct)
    {
        // It grows with what has come, not with what was announced.
        using var image = new MemoryStream();
        var buffer = new byte[BufferBytes];
        long total = 0;
        int read;
        while ((read = await content.ReadAsync(buffer, ct)) > 0)
        {
            total += read;
            if (total <= BatchIntake.MostImageBytes) image.Write(buffer, 0, read);
        }

        return total > BatchIntake.MostImageBytes
            ? new Problem(ErrorCodes.ImageTooLarge, FaceProblems.MessageOf(ErrorCodes.ImageTooLarge))
            : new ReadOnlyMemory<byte>(image.GetBuffer(), 0, (int)image.Length);
    }
}
