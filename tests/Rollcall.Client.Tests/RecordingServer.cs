using System.Net;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Rollcall.Client.Tests;

/// <summary>Takes one form, keeps its bytes, and reads them with the parser that a server would use.</summary>
internal sealed class RecordingServer(string data) : HttpMessageHandler
{
    private MemoryStream _body = new();
    private string _boundary = "";

    public string Address { get; private set; } = "";

    public IReadOnlyDictionary<string, string> Headers { get; private set; } = new Dictionary<string, string>();

    public long? ContentLength { get; private set; }

    public long Received => _body.Length;

    public RollcallClient Client() => new(new HttpClient(this) { BaseAddress = new Uri("http://rollcall.example") });

    /// <summary><c>name=text</c> for each text, <c>name(file)=base64</c> for each file.</summary>
    public async Task<IReadOnlyList<string>> PartsAsync()
    {
        _body.Position = 0;
        var reader = new MultipartReader(_boundary, _body);
        List<string> parts = [];
        while (await reader.ReadNextSectionAsync(TestContext.Current.CancellationToken) is { } section)
        {
            using var content = new MemoryStream();
            await section.Body.CopyToAsync(content, TestContext.Current.CancellationToken);
            var disposition = ContentDispositionHeaderValue.Parse(section.ContentDisposition);
            parts.Add(disposition.FileName.HasValue
                ? $"{Bare(disposition.Name)}({Bare(disposition.FileName)})={Convert.ToBase64String(content.ToArray())}"
                : $"{Bare(disposition.Name)}={Encoding.UTF8.GetString(content.ToArray())}");
        }

        return parts;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Address = request.RequestUri!.AbsoluteUri;
        Headers = request.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value));
        ContentLength = request.Content!.Headers.ContentLength;
        _boundary = Bare(MediaTypeHeaderValue.Parse(request.Content.Headers.ContentType!.ToString()).Boundary);
        _body = new MemoryStream();
        await request.Content.CopyToAsync(_body, cancellationToken);
        return new HttpResponseMessage(HttpStatusCode.Accepted)
        {
            Content = new StringContent($$"""{"success": true, "data": {{data}}}"""),
        };
    }

    private static string Bare(StringSegment quoted) => HeaderUtilities.RemoveQuotes(quoted).ToString();
}
