using System.Globalization;
using System.Text;

namespace Rollcall.Benchmarks.Requests;

/// <summary>A form with files, part by part, and what can be wrong with it.</summary>
internal static class MultipartMutations
{
    private const string Boundary = "b";

    private static readonly string[] Names =
    [
        "images", "images[]", "images[0]", "images[99999999999]", "images[-1]", "images[", "image", "external_ids[]", "external_ids", "external_id", "metadata[]", "metadata", "entries", "min_quality", "on_duplicate",
        "multiple_faces", "dry_run", "check_liveness", "top_k", "threshold", "", "\u0000", "../x", "\\\"", "a;b", "=?utf-8?B?aW1hZ2Vz?=", new('n', 3000),
    ];

    private static readonly string[] Dispositions =
    [
        "form-data; name=\"{0}\"", "form-data; name=\"{0}\"; filename=\"a.jpg\"", "form-data; name={0}", "form-data; name*=UTF-8''{0}", "form-data; name*=x''%ff; name=\"{0}\"", "form-data; name=\"{0}\"; name=\"{0}\"", "attachment; name=\"{0}\"",
        "form-data", ";;;", "form-data; filename=\"{0}\"", "form-data; name=\"{0}", "form-data; name=\"{0}\"; filename*=utf-9''a", "form-data;name=\"=?x?Q?a?=\"", "form-data; name=\"=?klingon?B?aW1hZ2Vz?=\"",
    ];

    private static readonly string[] MoreHeaders =
    [
        "", "Content-Type: image/jpeg\r\n", "Content-Transfer-Encoding: base64\r\n", "Content-Type: multipart/mixed; boundary=c\r\n", "Content-Length: -1\r\n", "X: \u0000\r\n", "X\r\n", ": x\r\n", "X: y\r\n continued\r\n", "Content-Disposition: form-data; name=\"images\"\r\n",
    ];

    private static readonly string[] Types =
    [
        "multipart/form-data; boundary=b", "multipart/form-data; boundary=\"b\"", "multipart/form-data;boundary=b;charset=utf-8", "multipart/form-data; boundary=c", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=b; boundary=c",
        "MULTIPART/FORM-DATA; BOUNDARY=b", "multipart/mixed; boundary=b", "multipart/form-data; boundary=\"", "text/plain", "multipart/form-data; boundary=b b", "multipart/form-data; boundary==?utf-8?Q?b?=",
    ];

    private static readonly string[] Values = ["a", "", "0.4", "NaN", "-1", "1e999", "true", "TRUE", "replace", "replace_if_better", "largest", "reject", "{}", "[]", "\u0000", "\u0085", "\ud7ff", new('v', 300), new('v', 17_000), "{\"a\":1}"];

    public static string ContentType(Random random) => random.Next(8) == 0 ? Types[random.Next(Types.Length)] : Types[0];

    /// <summary>One part as it should be; now and then its name, head or value is not.</summary>
    public static byte[] Part(Random random, string name, byte[] content)
    {
        if (random.Next(14) == 0) name = Names[random.Next(Names.Length)];
        if (random.Next(20) == 0) content = Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]);
        var disposition = Dispositions[random.Next(10) == 0 ? random.Next(Dispositions.Length) : name.StartsWith("image", StringComparison.Ordinal) ? 1 : 0];
        var more = random.Next(10) == 0 ? MoreHeaders[random.Next(MoreHeaders.Length)] : "";
        var head = random.Next(60) == 0 ? "" : $"Content-Disposition: {string.Format(CultureInfo.InvariantCulture, disposition, name)}\r\n";
        return [.. Encoding.UTF8.GetBytes($"--{Boundary}\r\n{head}{more}\r\n"), .. content, .. "\r\n"u8];
    }

    /// <summary>The parts in another order, some twice, some missing, the end sometimes; then the bytes.</summary>
    public static byte[] Body(Random random, List<byte[]> parts)
    {
        for (var n = random.Next(3); n > 0 && parts.Count > 0; n--)
        {
            var at = random.Next(parts.Count);
            switch (random.Next(4))
            {
                case 0:
                    parts.RemoveAt(at);
                    break;
                case 1:
                    parts.Insert(at, parts[random.Next(parts.Count)]);
                    break;
                case 2:
                    parts.Insert(at, Part(random, Names[random.Next(Names.Length)], Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)])));
                    break;
                default:
                    if (random.Next(10) == 0) parts.AddRange(Enumerable.Repeat(parts[at], 600));
                    break;
            }
        }

        byte[] body = [.. parts.SelectMany(part => part), .. random.Next(12) == 0 ? [] : Encoding.ASCII.GetBytes($"--{Boundary}--\r\n")];
        return random.Next(4) switch
        {
            0 => TextMutations.Bytes(random, body),
            1 when random.Next(3) == 0 => body[..random.Next(body.Length + 1)],
            _ => body,
        };
    }
}
