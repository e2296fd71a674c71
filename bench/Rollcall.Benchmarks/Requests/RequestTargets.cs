using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Rollcall.Benchmarks.Requests;

/// <summary>What the requests are about: an organization with a key, a sign-in, a collection and a finished job with a failed item.</summary>
internal sealed record RequestWorld(string Organization, string Key, string Token, string RefreshToken, string Collection, string Job, byte[] Picture);

/// <summary>A kind of request, and how another one of it is made.</summary>
internal sealed record RequestTarget(string Name, Func<Random, byte[]> Make);

/// <summary>Every place where the server reads what a caller wrote: forms, cursors, tokens, JSON.</summary>
internal sealed class RequestTargets(RequestWorld world)
{
    private const string Base = "/api/v1";

    private readonly string[] _lists =
    [
        $"/collections/{world.Collection}/faces", $"/organizations/{world.Organization}/batch", "/collections", $"/organizations/{world.Organization}/api-keys", $"/organizations/{world.Organization}/members",
    ];

    public IReadOnlyList<RequestTarget> All =>
    [
        new("form of a batch", random => Form(random, $"/collections/{world.Collection}/faces/batch-async", BatchParts(random))),
        new("form of one face", random => Form(random, $"/collections/{world.Collection}/faces", ProbeParts(random, "image", ("external_id", "a"), ("metadata", "{}"), ("min_quality", "0.4"), ("on_duplicate", "replace")))),
        new("form of a probe", random => Form(random, $"/collections/{world.Collection}/identify", ProbeParts(random, "image", ("top_k", "3"), ("threshold", "0.5"), ("multiple_faces", "largest"), ("deduplicate", "true")))),
        new("form of a pair", random => Form(random, "/compare", [.. ProbeParts(random, "image_a"), .. ProbeParts(random, "image_b")])),
        new("entries", random => Form(random, $"/collections/{world.Collection}/faces/batch-async", [Image(random, "images"), Json(random, "entries", """[{"external_id":"a","metadata":{"k":1,"l":[null,"x"]}}]""")])),
        new("metadata", random => Form(random, $"/collections/{world.Collection}/faces/batch-async", [Image(random, "images"), MultipartMutations.Part(random, "external_ids[]", "a"u8.ToArray()), Json(random, "metadata[]", """{"dept":"x","n":[1,2,{"a":null}]}""")])),
        new("cursor", Cursor),
        new("filters", random => Request("GET", Filters(random), KeyHeader, [])),
        new("entity tags", random => Request("GET", $"/collections/{world.Collection}/batch/{world.Job}", $"{KeyHeader}\r\nIf-None-Match: ", TextMutations.Bytes(random, "W/\"abc\", \"def\", *"u8.ToArray()))),
        new("bearer token", random => Request("GET", "/me", $"Authorization: Bearer ", TextMutations.Token(random, world.Token))),
        new("API key", random => Request("GET", "/collections", "X-API-Key: ", TextMutations.Token(random, world.Key))),
        new("refresh token", random => JsonRequest(random, "POST", "/auth/refresh", $$"""{"refresh_token":"{{Encoding.Latin1.GetString(TextMutations.Token(random, world.RefreshToken)).Replace('"', 'q')}}"}""", credential: "X-Nothing: 1")),
        new("retry body", random => JsonRequest(random, "POST", $"/collections/{world.Collection}/batch/{world.Job}/retry", """{"min_quality":0.3,"multiple_faces":"largest","codes":["UNSUPPORTED_FORMAT"],"allow_identity_change":true}""")),
        new("collection body", random => JsonRequest(random, "PATCH", $"/collections/{world.Collection}", """{"name":"n","description":"d","settings":{"min_quality":0.5,"on_duplicate":"append","retention_days":null,"keep_images":false,"identify_threshold":0.6}}""")),
        new("key body", random => JsonRequest(random, "POST", $"/organizations/{world.Organization}/api-keys", $$"""{"name":"n","scopes":["batch","identify"],"collections":["{{world.Collection}}"],"allowed_ips":["10.0.0.0/8","::1"],"expires_at":"2030-01-01T00:00:00Z"}""", $"Authorization: Bearer {world.Token}")),
        new("member body", random => JsonRequest(random, "POST", $"/organizations/{world.Organization}/members", """{"email":"a@example.com","role":"viewer"}""", $"Authorization: Bearer {world.Token}")),
    ];

    private string KeyHeader => $"X-API-Key: {world.Key}";

    private byte[] Image(Random random, string name) => MultipartMutations.Part(random, name, random.Next(3) == 0 ? TextMutations.Bytes(random, world.Picture) : world.Picture);

    private static byte[] Json(Random random, string name, string json) => MultipartMutations.Part(random, name, TextMutations.Json(random, json));

    private List<byte[]> BatchParts(Random random)
    {
        var parts = new List<byte[]>();
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            parts.Add(Image(random, "images"));
            parts.Add(MultipartMutations.Part(random, "external_ids[]", Encoding.UTF8.GetBytes($"p{n}")));
        }

        foreach (var (name, value) in new[] { ("min_quality", "0.4"), ("on_duplicate", "replace"), ("multiple_faces", "largest"), ("dry_run", "false") })
            if (random.Next(3) == 0) parts.Add(MultipartMutations.Part(random, name, Encoding.UTF8.GetBytes(value)));
        return parts;
    }

    private List<byte[]> ProbeParts(Random random, string image, params (string Name, string Value)[] fields) =>
        [Image(random, image), .. fields.Select(field => MultipartMutations.Part(random, field.Name, Encoding.UTF8.GetBytes(field.Value)))];

    private byte[] Form(Random random, string path, List<byte[]> parts)
    {
        var body = MultipartMutations.Body(random, parts);
        var head = $"POST {Base}{path} HTTP/1.1\r\nHost: x\r\n{KeyHeader}\r\nContent-Type: {MultipartMutations.ContentType(random)}\r\nConnection: close\r\n";
        if (random.Next(4) > 0) return [.. Ascii($"{head}Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n"), .. body];

        var chunks = new List<byte>(Ascii($"{head}Transfer-Encoding: chunked\r\n\r\n"));
        for (var at = 0; at < body.Length;)
        {
            var length = Math.Min(body.Length - at, random.Next(1, 3000));
            chunks.AddRange([.. Ascii($"{length:x}\r\n"), .. body.AsSpan(at, length), .. "\r\n"u8]);
            at += length;
        }

        return [.. chunks, .. "0\r\n\r\n"u8];
    }

    private byte[] Cursor(Random random)
    {
        var key = random.Next(5) switch
        {
            0 => Encoding.ASCII.GetBytes(world.Job),
            1 => Encoding.ASCII.GetBytes("face_0"),
            2 => new byte[random.Next(0, 400)],
            _ => TextMutations.Bytes(random, Encoding.ASCII.GetBytes(world.Job)),
        };
        var cursor = random.Next(3) == 0 ? TextMutations.Bytes(random, Ascii(Base64Url.EncodeToString(key))) : Ascii(Base64Url.EncodeToString(key));
        string[] limits = ["", "&limit=1", "&limit=200", "&limit=201", "&limit=-1", "&limit=%00", "&limit=1&limit=2", "&limit=\u0661", "&cursor=", "&limit=99999999999"];
        return Request("GET", $"{_lists[random.Next(_lists.Length)]}?cursor={Escape(random, cursor)}{Uri.EscapeDataString(limits[random.Next(limits.Length)]).Replace("%26", "&", StringComparison.Ordinal).Replace("%3D", "=", StringComparison.Ordinal)}", KeyOrToken(random), []);
    }

    private string Filters(Random random)
    {
        string[] names = ["status", "collection_id", "created_after", "created_before", "limit", "cursor", "external_id", "wait", "wait"];
        string[] values = ["done", "DONE", "", "2026-01-01T00:00:00Z", "0001-01-01T00:00:00-14:00", "9999-12-31T23:59:59.9999999+14:00", "-1", "0", "1e9", "\u0000", "\ud83d\ude00", world.Collection, new('x', 3000), "'; --"];
        string[] paths = [$"/organizations/{world.Organization}/batch", $"/collections/{world.Collection}/faces", $"/collections/{world.Collection}/batch/{world.Job}", $"/collections/{world.Collection}/batch/x"];
        var query = Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"{names[random.Next(names.Length)]}={Uri.EscapeDataString(values[random.Next(values.Length)])}");
        return $"{paths[random.Next(paths.Length)]}?{string.Join('&', query)}";
    }

    private string KeyOrToken(Random random) => random.Next(2) == 0 ? KeyHeader : $"Authorization: Bearer {world.Token}";

    private static string Escape(Random random, byte[] bytes) =>
        string.Concat(bytes.Select(value => char.IsAsciiLetterOrDigit((char)value) && random.Next(20) > 0 ? ((char)value).ToString() : $"%{value:X2}"));

    private byte[] JsonRequest(Random random, string method, string path, string json, string? credential = null)
    {
        var body = TextMutations.Json(random, json);
        string[] types = ["application/json", "application/json; charset=utf-8", "application/json; charset=utf-16", "text/json", "application/problem+json", "", "application/json; charset=klingon"];
        var type = types[random.Next(6) == 0 ? random.Next(types.Length) : 0];
        return Request(method, path, $"{credential ?? KeyHeader}\r\nContent-Type: {type}\r\nContent-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}", [], body);
    }

    /// <param name="value">What goes on in the last header, as bytes that a header may not have, too.</param>
    private static byte[] Request(string method, string path, string headers, byte[] value, byte[]? body = null) =>
        [.. Ascii($"{method} {Base}{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}"), .. value, .. "\r\n\r\n"u8, .. body ?? []];

    private static byte[] Ascii(string text) => Encoding.Latin1.GetBytes(text);
}
