using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Rollcall.Server.Tests.Batches;

/// <summary>Bodies and headers as an attacker would write them.</summary>
internal static class HostileRequests
{
    private static readonly byte[] Photo = Pictures.Jpeg(120, 120);

    /// <summary>Each by its name: the request, and the status and code that answer it; a code of null is HTTP's own bare refusal.</summary>
    public static IReadOnlyDictionary<string, (Func<Tenant, byte[]> Request, int Status, string? Code)> All { get; } =
        new Dictionary<string, (Func<Tenant, byte[]>, int, string?)>(StringComparer.Ordinal)
        {
            ["no image"] = (t => Post(t, Body(Field("external_ids[]", "a"))), 400, "NO_IMAGES"),
            ["an empty form"] = (t => Post(t, Body()), 400, "NO_IMAGES"),
            ["101 images"] = (t => Post(t, Body([.. Enumerable.Range(0, 101).SelectMany(i => new[] { Image(), Field("external_ids[]", $"{i}") })])), 400, "TOO_MANY_IMAGES"),
            ["an id too few"] = (t => Post(t, Body(Image(), Image(), Field("external_ids[]", "a"))), 400, "COUNT_MISMATCH"),
            ["an id too many"] = (t => Post(t, Body(Image(), Field("external_ids[]", "a"), Field("external_ids[]", "b"))), 400, "COUNT_MISMATCH"),
            ["metadata too many"] = (t => Post(t, Good(Field("metadata[]", "{}"), Field("metadata[]", "{}"))), 400, "COUNT_MISMATCH"),
            ["entries too few"] = (t => Post(t, Body(Image(), Image(), Field("entries", """[{"external_id": "a"}]"""))), 400, "COUNT_MISMATCH"),
            ["entries besides ids"] = (t => Post(t, Good(Field("entries", """[{"external_id": "a"}]"""))), 400, "INVALID_REQUEST"),
            ["unknown collection"] = (t => Post(t, Good(), collection: "col_0"), 404, "COLLECTION_NOT_FOUND"),
            ["a collection that leads out"] = (t => Post(t, Good(), collection: "..%2f..%2fx"), 404, "COLLECTION_NOT_FOUND"),
            ["no credential"] = (t => Post(t, Good(), credential: "X-Nothing: 1"), 401, "MISSING_CREDENTIALS"),
            ["a wrong key"] = (t => Post(t, Good(), credential: "X-API-Key: rc_live_wrong"), 401, "INVALID_API_KEY"),
            ["a key of megabytes"] = (t => Post(t, Good(), credential: $"X-API-Key: rc_live_{new string('a', 1_000_000)}"), 431, null),
            ["both credentials"] = (t => Post(t, Good(), credential: $"X-API-Key: {t.ApiKey}\r\nAuthorization: Bearer {t.Token}"), 400, "INVALID_REQUEST"),
            ["a token of garbage"] = (t => Post(t, Good(), credential: "Authorization: Bearer a.b.c"), 401, "TOKEN_INVALID"),

            ["no last boundary, and whole"] = (t => Post(t, Good()[..^5]), 400, "INVALID_REQUEST"),
            ["two gigabytes announced"] = (t => Post(t, Good(), length: 2L << 30), 413, "PAYLOAD_TOO_LARGE"),
            ["two gigabytes announced and asked for"] = (t => Post(t, [], length: 2L << 30, more: "Expect: 100-continue\r\n"), 413, "PAYLOAD_TOO_LARGE"),
            ["a length of garbage"] = (t => Head(t, "Content-Length: 1e3\r\n"), 400, null),
            ["a negative length"] = (t => Head(t, "Content-Length: -5\r\n"), 400, null),
            ["two lengths"] = (t => Head(t, "Content-Length: 5\r\nContent-Length: 6\r\n"), 400, null),

            ["another content type"] = (t => Post(t, Good(), type: "text/plain"), 415, "UNSUPPORTED_MEDIA_TYPE"),
            ["json"] = (t => Post(t, "{}"u8.ToArray(), type: "application/json"), 415, "UNSUPPORTED_MEDIA_TYPE"),
            ["multipart of another kind"] = (t => Post(t, Good(), type: "multipart/mixed; boundary=b"), 415, "UNSUPPORTED_MEDIA_TYPE"),
            ["no content type"] = (t => Post(t, Good(), type: null), 415, "UNSUPPORTED_MEDIA_TYPE"),
            ["no boundary"] = (t => Post(t, Good(), type: "multipart/form-data"), 415, "UNSUPPORTED_MEDIA_TYPE"),
            ["an empty boundary"] = (t => Post(t, Good(), type: "multipart/form-data; boundary=\"\""), 415, "UNSUPPORTED_MEDIA_TYPE"),
            ["a boundary of 500"] = (t => Post(t, Good(), type: $"multipart/form-data; boundary={new string('b', 500)}"), 415, "UNSUPPORTED_MEDIA_TYPE"),
            ["another boundary"] = (t => Post(t, Good(), type: "multipart/form-data; boundary=c"), 400, "INVALID_REQUEST"),
            ["a charset that is none"] = (t => Post(t, Good(), type: "multipart/form-data; boundary=b; charset=klingon"), 415, "UNSUPPORTED_MEDIA_TYPE"),
            ["compressed"] = (t => Post(t, Gzip(Good()), more: "Content-Encoding: gzip\r\n"), 415, "UNSUPPORTED_MEDIA_TYPE"),
            ["said to be compressed"] = (t => Post(t, Good(), more: "Content-Encoding: br\r\n"), 415, "UNSUPPORTED_MEDIA_TYPE"),

            ["an id with a control character"] = (t => Post(t, Id("a\u0001b")), 400, "INVALID_REQUEST"),
            ["an id with a delete"] = (t => Post(t, Id("a\u007f")), 400, "INVALID_REQUEST"),
            ["an id with a control character of the upper half"] = (t => Post(t, Id("a\u0085")), 400, "INVALID_REQUEST"),
            ["an id with a line's end"] = (t => Post(t, Id("a\r\nb")), 400, "INVALID_REQUEST"),
            ["an id with a NUL"] = (t => Post(t, Id("a\0b")), 400, "INVALID_REQUEST"),
            ["an id of 300"] = (t => Post(t, Id(new string('x', 300))), 400, "INVALID_REQUEST"),
            ["an id of 256 beyond the basic plane"] = (t => Post(t, Id(string.Concat(Enumerable.Repeat("\U0001F600", 256)))), 400, "INVALID_REQUEST"),
            ["an id of a megabyte"] = (t => Post(t, Id(new string('x', 1_000_000))), 400, "INVALID_REQUEST"),
            ["an empty id"] = (t => Post(t, Id("")), 400, "INVALID_REQUEST"),
            ["an id that is no UTF-8"] = (t => Post(t, Body(Image(), Field("external_ids[]", [0x61, 0xff, 0xfe]))), 400, "INVALID_REQUEST"),
            ["an id with half a surrogate"] = (t => Post(t, Body(Image(), Field("external_ids[]", [0xed, 0xa0, 0x80]))), 400, "INVALID_REQUEST"),
            ["an overlong NUL"] = (t => Post(t, Body(Image(), Field("external_ids[]", [0xc0, 0x80]))), 400, "INVALID_REQUEST"),
            ["an entry with half a surrogate"] = (t => Post(t, Body(Image(), Field("entries", """[{"external_id": "\ud800"}]"""))), 400, "INVALID_REQUEST"),
            ["an entry with a NUL"] = (t => Post(t, Body(Image(), Field("entries", """[{"external_id": "a\u0000"}]"""))), 400, "INVALID_REQUEST"),
            ["an entry named by half a surrogate"] = (t => Post(t, Body(Image(), Field("entries", """[{"\ud800": "a"}]"""))), 400, "INVALID_REQUEST"),
            ["entries that are no array"] = (t => Post(t, Body(Image(), Field("entries", """{"external_id": "a"}"""))), 400, "INVALID_REQUEST"),
            ["entries of numbers"] = (t => Post(t, Body(Image(), Field("entries", "[1]"))), 400, "INVALID_REQUEST"),
            ["an entry without an id"] = (t => Post(t, Body(Image(), Field("entries", """[{"metadata": {}}]"""))), 400, "INVALID_REQUEST"),
            ["entries that are no JSON"] = (t => Post(t, Body(Image(), Field("entries", "[{"))), 400, "INVALID_REQUEST"),
            ["entries 100,000 deep"] = (t => Post(t, Body(Image(), Field("entries", Deep(100_000)))), 400, "INVALID_REQUEST"),
            ["metadata 100,000 deep"] = (t => Post(t, Good(Field("metadata[]", Deep(100_000)))), 400, "INVALID_REQUEST"),
            ["an entry's metadata 1,000 deep"] = (t => Post(t, Body(Image(), Field("entries", $$"""[{"external_id": "a", "metadata": {{Deep(1000)}}}]"""))), 400, "INVALID_REQUEST"),
            ["metadata over 16 KB"] = (t => Post(t, Good(Field("metadata[]", $$"""{"a": "{{new string('x', 16 * 1024)}}"}"""))), 400, "INVALID_REQUEST"),
            ["metadata with half a surrogate"] = (t => Post(t, Good(Field("metadata[]", """{"a": "\ud800"}"""))), 400, "INVALID_REQUEST"),
            ["metadata named by half a surrogate"] = (t => Post(t, Good(Field("metadata[]", """{"\udfff": 1}"""))), 400, "INVALID_REQUEST"),
            ["metadata that is a list"] = (t => Post(t, Good(Field("metadata[]", "[]"))), 400, "INVALID_REQUEST"),
            ["metadata with a comment"] = (t => Post(t, Good(Field("metadata[]", "{/* */}"))), 400, "INVALID_REQUEST"),
            ["5 MB of text"] = (t => Post(t, Good(Field("metadata[]", new string(' ', 5_000_000)))), 413, "PAYLOAD_TOO_LARGE"),

            ["10,000 parts"] = (t => Post(t, Body([.. Enumerable.Repeat(Field("external_ids[]", "a"), 10_000)])), 400, "INVALID_REQUEST"),
            ["a gate twice"] = (t => Post(t, Good(Field("on_duplicate", "skip"), Field("on_duplicate", "replace"))), 400, "INVALID_REQUEST"),
            ["entries twice"] = (t => Post(t, Body(Image(), Field("entries", "[]"), Field("entries", """[{"external_id": "a"}]"""))), 400, "INVALID_REQUEST"),
            ["an unknown part"] = (t => Post(t, Good(Field("on_duplicat", "skip"))), 400, "INVALID_REQUEST"),
            ["a part that leads out"] = (t => Post(t, Good(Field("../../x", "a"))), 400, "INVALID_REQUEST"),
            ["an image that leads out"] = (t => Post(t, Good(Part("images[../../x]", Photo, "a.jpg"))), 400, "INVALID_REQUEST"),
            ["an image of a negative number"] = (t => Post(t, Good(Part("images[-1]", Photo, "a.jpg"))), 400, "INVALID_REQUEST"),
            ["a part without a name"] = (t => Post(t, Body(Raw("Content-Disposition: form-data\r\n\r\nx"))), 400, "INVALID_REQUEST"),
            ["a part without headers"] = (t => Post(t, Body(Raw("\r\nx"))), 400, "INVALID_REQUEST"),
            ["a part header of 10 KB"] = (t => Post(t, Body(Raw($"Content-Disposition: form-data; name=\"images\"\r\nX: {new string('x', 10_000)}\r\n\r\nx"))), 400, "INVALID_REQUEST"),
            ["17 headers of a part"] = (t => Post(t, Body(Raw($"Content-Disposition: form-data; name=\"images\"\r\n{string.Concat(Enumerable.Range(0, 16).Select(i => $"X{i}: x\r\n"))}\r\nx"))), 400, "INVALID_REQUEST"),
            ["a part header that is none"] = (t => Post(t, Body(Raw("Content-Disposition form-data\r\n\r\nx"))), 400, "INVALID_REQUEST"),
            ["a file name with a line's end"] = (t => Post(t, Body(Raw("Content-Disposition: form-data; name=\"images\"; filename=\"a\r\nX-Evil: 1\"\r\n\r\nx"))), 400, "INVALID_REQUEST"),

            ["a folded header"] = (t => Post(t, Good(), more: "X-Request-Id: a\r\n X-Evil: 1\r\n"), 400, null),
            ["a bare line feed in a header"] = (t => Post(t, Good(), more: "X-Request-Id: a\rX-Evil: 1\r\n"), 400, null),
            ["a NUL in a header"] = (t => Post(t, Good(), more: "X-Request-Id: a\0\r\n"), 400, null),
            ["a key with a tab"] = (t => Post(t, Good(), more: "Idempotency-Key: a\tb\r\n"), 400, "INVALID_REQUEST"),
            ["a key beyond ASCII"] = (t => Post(t, Good(), more: "Idempotency-Key: \u00e9\r\n"), 400, null),
            ["a key of 256"] = (t => Post(t, Good(), more: $"Idempotency-Key: {new string('k', 256)}\r\n"), 400, "INVALID_REQUEST"),
            ["two keys"] = (t => Post(t, Good(), more: "Idempotency-Key: a\r\nIdempotency-Key: b\r\n"), 400, "INVALID_REQUEST"),
            ["a good key and a bad body"] = (t => Post(t, Id(""), more: "Idempotency-Key: a\r\n"), 400, "INVALID_REQUEST"),

            ["an encoding of the transfer besides chunks"] = (t => Head(t, "Transfer-Encoding: gzip, chunked\r\n"), 400, "INVALID_REQUEST"),
            ["chunks that are not the last encoding"] = (t => Head(t, "Transfer-Encoding: chunked, gzip\r\n"), 400, null),
            ["an unknown encoding of the transfer"] = (t => Head(t, "Transfer-Encoding: identity\r\n"), 400, null),
            ["a chunk of garbage"] = (t => Chunked(t, "xyz\r\n\r\n"u8.ToArray()), 400, "INVALID_REQUEST"),
            ["a chunk of a negative length"] = (t => Chunked(t, "-1\r\n\r\n"u8.ToArray()), 400, "INVALID_REQUEST"),
            ["a chunk of 16 exabytes"] = (t => Chunked(t, "ffffffffffffffff\r\n\r\n"u8.ToArray()), 400, "INVALID_REQUEST"),
        };

    /// <summary>What comes before the caller is gone; the rest was announced and never comes.</summary>
    public static IReadOnlyDictionary<string, Func<Tenant, byte[]>> Cut { get; } =
        new Dictionary<string, Func<Tenant, byte[]>>(StringComparer.Ordinal)
        {
            ["in a part's header"] = t => Post(t, "--b\r\nContent-Dispo"u8.ToArray(), length: 5000),
            ["in an image"] = t => Post(t, Good()[..^60], length: 5000),
            ["in a text"] = t => Post(t, Encoding.UTF8.GetBytes("--b\r\nContent-Disposition: form-data; name=\"external_ids[]\"\r\n\r\nab"), length: 5000),
            ["before the last boundary"] = t => Post(t, Good()[..^5], length: Good().Length),
            ["after the last boundary"] = t => Post(t, Good(), length: Good().Length + 100),
            ["in a chunk"] = t => Chunked(t, [.. Chunk(Good()[..500]), .. "ff\r\nabc"u8]),
            ["no last chunk"] = t => Chunked(t, Chunk(Good())),
            ["in the header"] = t => Encoding.ASCII.GetBytes($"POST /api/v1/collections/{t.Collection}/faces/batch-async HTTP/1.1\r\nHost: x\r\nX-API-K"),
            ["a good key and a cut body"] = t => Post(t, Good()[..^60], length: 5000, more: "Idempotency-Key: b\r\n"),
        };

    public static byte[] Good(params byte[][] more) => Body([Image(), Field("external_ids[]", "a"), .. more]);

    public static byte[] Body(params byte[][] parts) => [.. parts.SelectMany(part => (byte[])[.. "--b\r\n"u8, .. part, .. "\r\n"u8]), .. "--b--\r\n"u8];

    public static byte[] Part(string name, byte[] content, string? fileName = null) =>
        [.. Encoding.UTF8.GetBytes($"Content-Disposition: form-data; name=\"{name}\"{(fileName is null ? "" : $"; filename=\"{fileName}\"")}\r\n\r\n"), .. content];

    public static byte[] Post(
        Tenant tenant, byte[] body, string? credential = null, string? collection = null, string? type = "multipart/form-data; boundary=b", long? length = null, string more = "") =>
    [
        .. Encoding.Latin1.GetBytes(
            $"POST /api/v1/collections/{collection ?? tenant.Collection}/faces/batch-async HTTP/1.1\r\nHost: x\r\n{credential ?? $"X-API-Key: {tenant.ApiKey}"}\r\n" +
            $"{(type is null ? "" : $"Content-Type: {type}\r\n")}Content-Length: {(length ?? body.Length).ToString(CultureInfo.InvariantCulture)}\r\nConnection: close\r\n{more}\r\n"),
        .. body,
    ];

    public static byte[] Chunked(Tenant tenant, byte[] chunks, string more = "") => [.. Head(tenant, $"Transfer-Encoding: chunked\r\n{more}"), .. chunks];

    public static byte[] Chunk(byte[] content) => [.. Encoding.ASCII.GetBytes($"{content.Length:x}\r\n"), .. content, .. "\r\n"u8];

    /// <summary>All but the body.</summary>
    private static byte[] Head(Tenant tenant, string headers) => Encoding.Latin1.GetBytes(
        $"POST /api/v1/collections/{tenant.Collection}/faces/batch-async HTTP/1.1\r\nHost: x\r\nX-API-Key: {tenant.ApiKey}\r\n" +
        $"Content-Type: multipart/form-data; boundary=b\r\nConnection: close\r\n{headers}\r\n");

    private static byte[] Image() => Part("images", Photo, "a.jpg");

    private static byte[] Field(string name, string value) => Part(name, Encoding.UTF8.GetBytes(value));

    private static byte[] Field(string name, byte[] value) => Part(name, value);

    private static byte[] Id(string id) => Body(Image(), Field("external_ids[]", id));

    private static byte[] Raw(string part) => Encoding.UTF8.GetBytes(part);

    private static string Deep(int levels) => string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);

    private static byte[] Gzip(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionMode.Compress)) gzip.Write(content);
        return compressed.ToArray();
    }
}
