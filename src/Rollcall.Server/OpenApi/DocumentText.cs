using System.Text.Json;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Rollcall.Server.OpenApi;

/// <summary>
/// The document as JSON. To describe the API takes a tenth of a second of a core, and anybody may ask for it as often as they like: it is done
/// once, and only the server's address differs from one answer to the other.
/// </summary>
internal sealed class DocumentText([FromKeyedServices(DocumentText.Name)] IOpenApiDocumentProvider documents)
{
    public const string Name = "v1";

    private const string Address = "https://address.invalid/";

    private readonly Lazy<Task<string[]>> _parts = new(() => DescribeAsync(documents));

    public async Task<string> ForAsync(HttpRequest http) => string.Join(
        JsonEncodedText.Encode(UriHelper.BuildAbsolute(http.Scheme, http.Host, http.PathBase)).ToString(), await _parts.Value);

    private static async Task<string[]> DescribeAsync(IOpenApiDocumentProvider documents)
    {
        var document = await documents.GetOpenApiDocumentAsync(CancellationToken.None);
        document.Servers = [new OpenApiServer { Url = Address }];
        return (await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, CancellationToken.None)).Split(Address);
    }
}
