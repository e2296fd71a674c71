using System.Text.Json.Nodes;
using Rollcall.Client.Contracts;
using Rollcall.Server.Batches;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Recognition;

/// <summary>
/// One image or two, by name, and a few fields. The images are held in memory: a temporary file would leave a face behind on the disk. One
/// that is too large is read to its end, and the rest of the body with it, so that the caller gets an answer instead of a broken connection.
/// </summary>
internal sealed record ProbeForm(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Images, IReadOnlyDictionary<string, string> Fields)
{
    /// <summary>What a body may have for each image: one of the largest camera, which is then refused as an image, and a few words.</summary>
    public const long MostBodyBytes = 64 * 1024 * 1024;

    private const int BufferBytes = 64 * 1024;

    public static async Task<Result<ProbeForm>> ReadAsync(
        HttpRequest request, MultipartForm shape, CancellationToken ct)
    {
        var names = shape.Images;
        if (MultipartParts.Open(request).IsRefused(out var problem, out var parts)) return problem;

        var images = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        string? tooLarge = null;
        try
        {
            while (true)
            {
                if ((await parts!.NextAsync(ct)).IsRefused(out problem, out var part)) return problem;
                if (part.Name is null) break;

                if (names.Contains(part.Name))
                {
                    if (images.ContainsKey(part.Name)) return OneFile(part.Name);
                    var bytes = await ReadImageAsync(part.Content, ct);
                    if (bytes is null) tooLarge ??= part.Name;
                    images.Add(part.Name, bytes ?? default);
                    continue;
                }

                if (shape.Find(part.Name) is null) return shape.Unknown(part.Name);
                if ((await parts.ReadTextAsync(part.Content, ct)).IsRefused(out problem, out var text)) return problem;
                if (!fields.TryAdd(part.Name, text!)) return Problem.Invalid($"The part '{part.Name}' is there twice.");
            }
        }
        catch (BrokenUploadException)
        {
            return MultipartParts.Broken();
        }

        if (names.FirstOrDefault(name => !images.ContainsKey(name)) is { } missing) return OneFile(missing);
        if (tooLarge is not null)
            return About(tooLarge, names, new Problem(ErrorCodes.ImageTooLarge, FaceProblems.MessageOf(ErrorCodes.ImageTooLarge)));
        return new ProbeForm(images, fields);
    }

    /// <summary>The problem, and where a form has several images also which of them it is about.</summary>
    public static Problem About(string image, IReadOnlyList<string> names, Problem problem)
    {
        if (names.Count == 1) return problem;
        var details = problem.Details?.DeepClone().AsObject() ?? new JsonObject();
        details["image"] = image;
        return problem with { Details = details };
    }

    private static Problem OneFile(string name) => Problem.Invalid($"Send one file, as '{name}'.");

    /// <summary>The bytes; null when they are too many.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadImageAsync(Stream content, CancellationToken ct)
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

        // Not with ?:, which takes its null for an array that is none and makes an empty image of it.
        if (total > BatchIntake.MostImageBytes) return null;
        return new ReadOnlyMemory<byte>(image.GetBuffer(), 0, (int)image.Length);
    }
}
