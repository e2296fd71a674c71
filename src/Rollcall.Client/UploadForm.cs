using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

/// <summary>A multipart form; what is null is left out, images are opened one after the other while they are sent.</summary>
internal sealed class UploadForm
{
    private const int LongestFileName = 100;

    // Half a megabit a second. An image whose length is not known counts as the longest that is taken.
    private const int SlowestLine = 64 * 1024;
    private const long LongestImage = 10L * 1024 * 1024;

    // Refuses half a surrogate pair, which would arrive as another external id than the caller's.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public MultipartFormDataContent Content { get; } = [];

    public void Add(string name, bool? value) => Add(name, value is { } given ? (given ? "true" : "false") : null);

    public void Add(string name, int? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    public void Add(string name, double? value) => Add(name, value?.ToString("R", CultureInfo.InvariantCulture));

    public void Add<TEnum>(string name, TEnum? value)
        where TEnum : struct, Enum => Add(name, value is { } given ? WireName.Of(given) : null);

    public void Add(string name, string? text)
    {
        if (text is null) return;
        var part = new ByteArrayContent(StrictUtf8.GetBytes(text));
        part.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = Quoted(name) };
        Content.Add(part);
    }

    public void Add(string name, ImageFile image)
    {
        var part = new ImageContent(image);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        part.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data")
        {
            Name = Quoted(name),
            FileName = Quoted(Tame(image.Name)),
        };
        Content.Add(part);
    }

    /// <summary>How long a form may take on its way to the server; nothing for what is no form.</summary>
    public static TimeSpan TimeToSend(HttpContent? content)
    {
        if (content is not MultipartFormDataContent form) return TimeSpan.Zero;
        var bytes = form.Headers.ContentLength ?? form.OfType<ImageContent>().Count() * LongestImage;
        return TimeSpan.FromSeconds((double)bytes / SlowestLine);
    }

    private static string Quoted(string text) => $"\"{text}\"";

    /// <summary>Names of files reach the header as plain ASCII: quoting rules differ, and the server goes by the content.</summary>
    private static string Tame(string fileName)
    {
        var tame = fileName.Length > LongestFileName ? fileName[^LongestFileName..] : fileName;
        return tame.Length == 0
            ? "image"
            : string.Concat(tame.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' ? letter : '_'));
    }
}
