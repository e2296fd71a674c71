using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Hosting;

/// <summary>Reads a multipart body part by part, within the contract's limits, and tells a body that is broken from a store that is.</summary>
internal sealed class MultipartParts
{
    private const int MostTextBytes = 4 * 1024 * 1024;

    // 100 images, ids and metadata, the gates, and some room: a body of thousands of tiny parts is no batch.
    private const int MostParts = 512;

    // An image is written as it is read: in pieces of the reader's own 4 KB it would be hundreds of system calls.
    private const int BufferBytes = 64 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly MultipartReader _reader;
    private int _parts;
    private int _textBytes;

    private MultipartParts(string boundary, HttpRequest request)
    {
        _reader = new MultipartReader(boundary, request.Body, BufferBytes) { HeadersCountLimit = 16, HeadersLengthLimit = 8 * 1024 };
        Announced = request.ContentLength;
    }

    /// <summary>The length of the whole body, if the request says it.</summary>
    public long? Announced { get; }

    public static Result<MultipartParts> Open(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 200 } boundary)
        {
            return new Problem(ErrorCodes.UnsupportedMediaType, "Send multipart/form-data with a boundary.");
        }

        return new MultipartParts(boundary.ToString(), request);
    }

    /// <summary>The next part's name and content; no name at the end of the body.</summary>
    public async Task<Result<(string? Name, Stream Content)>> NextAsync(CancellationToken ct)
    {
        try
        {
            if (await _reader.ReadNextSectionAsync(ct) is not { } section) return (null, Stream.Null);
            if (++_parts > MostParts) return Problem.Invalid($"The body has more than {MostParts} parts.");
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
                || HeaderUtilities.RemoveQuotes(disposition.Name) is not { Length: > 0 } name)
            {
                return Problem.Invalid("A part of the body has no name.");
            }

            return (name.ToString(), new UploadStream(section.Body));
        }
        catch (Exception e) when (BrokenUploadException.Is(e))
        {
            return Broken();
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            return Problem.Invalid("A part's name is in an encoding that is not read here: send it as UTF-8.");
        }
        catch (InvalidDataException e)
        {
            return Problem.Invalid($"The multipart body is malformed: {e.Message}");
        }
    }

    public async Task<Result<string>> ReadTextAsync(Stream content, CancellationToken ct)
    {
        using var text = new MemoryStream();
        var buffer = new byte[4096];
        int read;
        while ((read = await content.ReadAsync(buffer, ct)) > 0)
        {
            _textBytes += read;
            if (_textBytes > MostTextBytes) return new Problem(ErrorCodes.PayloadTooLarge, "The text parts of the body are more than 4 MB.");
            text.Write(buffer, 0, read);
        }

        try
        {
            return StrictUtf8.GetString(text.GetBuffer(), 0, (int)text.Length);
        }
        catch (DecoderFallbackException)
        {
            return Problem.Invalid("A text part is not UTF-8.");
        }
    }

    public static Problem Broken() => Problem.Invalid("The body ended before it was complete: send it again.");
}
