using System.Buffers.Text;
using System.Text;
using System.Text.RegularExpressions;

namespace Rollcall.Benchmarks.Requests;

/// <summary>What can be done to JSON, to a token, and to any bytes.</summary>
internal static partial class TextMutations
{
    private const int MostChanges = 4;

    private static readonly string Deep = new('[', 1000);

    private static readonly string[] JsonValues =
    [
        "null", "true", "{}", "[]", "\"\"", "-1", "-0", "1.5", "1e400", "1e-400", "99999999999999999999999999", "NaN", "'a'", "// c\n", "\"\\ud800\"", "\"\\udfff\\ud800\"", "\"\\u0000\"",
        "\"a\\u0000b\"", "\"\\x41\"", "\"\ufeff\"", "\"\u0085\"", "\"\U0001F600\"", "\"9999-12-31T23:59:59.9999999+14:00\"", "\"0001-01-01T00:00:00-14:00\"", "\"2026-13-45\"", "\"::1/129\"",
        "\"10.0.0.0/-1\"", "\"org_0\"", "\"col_0\"", "\"batch\"", "\"largest\"", "\"LARGEST\"", "{\"a\":{\"a\":{\"a\":1}}}", "{\"a\":1,\"a\":2}", "{\"external_id\":\"a\"}", "\"" + new string('x', 300) + "\"",
        "\"" + new string('x', 20_000) + "\"", new('[', 70), new string('[', 300) + new string(']', 300), Deep, "\"$type\":\"x\"", "{\"$ref\":\"1\"}",
    ];

    private static readonly string[] Headers =
    [
        """{"alg":"none","typ":"JWT"}""", """{"alg":"HS512"}""", """{"alg":"RS256","kid":"../../x"}""", """{"alg":1}""", """{"alg":["HS256"]}""", """{"alg":null}""", "{}", "[]", "1", "\"x\"", "",
        """{"alg":"HS256","crit":["exp"]}""", """{"alg":"HS256","zip":"DEF"}""", """{"alg":"HS256","kid":{"a":1}}""", """{"alg":"dir","enc":"A256GCM"}""", """{"alg":"HS256","x5c":[1],"jwk":{}}""", "{\"alg\":\"HS256\"", "\u0000",
    ];

    private static readonly string[] Claims =
    [
        """{"exp":99999999999999999999}""", """{"exp":-1}""", """{"exp":"soon"}""", """{"exp":1e300,"sub":"a","sid":"b"}""", """{"iss":["rollcall"],"aud":{"a":1}}""", """{"iss":null}""", "{}", "[]", "null", "",
        """{"iss":"rollcall","aud":"rollcall","exp":4102444800,"sub":"a","sid":["a","b"]}""", """{"nbf":{},"iat":[]}""", "{\"sub\":\"\\ud800\"}", """{"org":"org_0","scope":"batch"}""",
    ];

    /// <summary>Tokens of the text are replaced, doubled or left out; sometimes it is cut, wrapped or in another encoding.</summary>
    public static byte[] Json(Random random, string json)
    {
        var tokens = JsonToken().Matches(json).Select(match => match.Value).ToList();
        for (var n = random.Next(0, MostChanges); n > 0 && tokens.Count > 0; n--)
        {
            var at = random.Next(tokens.Count);
            switch (random.Next(4))
            {
                case 0:
                    tokens[at] = JsonValues[random.Next(JsonValues.Length)];
                    break;
                case 1:
                    tokens.Insert(at, tokens[random.Next(tokens.Count)]);
                    break;
                case 2:
                    tokens.RemoveAt(at);
                    break;
                default:
                    tokens.Insert(at, JsonValues[random.Next(JsonValues.Length)]);
                    break;
            }
        }

        var text = string.Concat(tokens);
        return random.Next(12) switch
        {
            0 => Encoding.UTF8.GetBytes(text[..random.Next(text.Length + 1)]),
            1 => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)],
            2 => Encoding.Unicode.GetBytes(text),
            3 => Encoding.UTF8.GetBytes($"[{text}]"),
            4 => Encoding.UTF8.GetBytes(text + text),
            5 or 6 => Bytes(random, Encoding.UTF8.GetBytes(text)),
            _ => Encoding.UTF8.GetBytes(text),
        };
    }

    /// <summary>A token or key: its parts are exchanged for others, and its characters for any.</summary>
    public static byte[] Token(Random random, string token)
    {
        var parts = token.Split('.').ToList();
        switch (random.Next(8))
        {
            case 0 when parts.Count == 3:
                parts[0] = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Headers[random.Next(Headers.Length)]));
                break;
            case 1 when parts.Count == 3:
                parts[1] = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Claims[random.Next(Claims.Length)]));
                break;
            case 2 when parts.Count == 3:
                parts[0] = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Headers[0]));
                parts[2] = "";
                break;
            case 3:
                parts.Insert(random.Next(parts.Count + 1), random.Next(2) == 0 ? "" : parts[random.Next(parts.Count)]);
                break;
            case 4:
                parts.RemoveAt(random.Next(parts.Count));
                break;
            case 5:
                return Encoding.ASCII.GetBytes(new string('.', random.Next(1, 10)) + new string('a', random.Next(8000)));
            case 6:
                return Encoding.ASCII.GetBytes($"{token} {token}");
            default:
                return Bytes(random, Encoding.ASCII.GetBytes(token));
        }

        return Encoding.ASCII.GetBytes(string.Join('.', parts));
    }

    public static byte[] Bytes(Random random, byte[] bytes)
    {
        var changed = bytes.ToList();
        for (var n = random.Next(1, MostChanges + 1); n > 0 && changed.Count > 0; n--)
        {
            var at = random.Next(changed.Count);
            switch (random.Next(4))
            {
                case 0:
                    changed[at] = (byte)random.Next(256);
                    break;
                case 1:
                    changed.Insert(at, (byte)random.Next(256));
                    break;
                case 2:
                    changed.RemoveAt(at);
                    break;
                default:
                    var length = Math.Min(changed.Count - at, random.Next(1, 64));
                    changed.InsertRange(at, changed.GetRange(at, length));
                    break;
            }
        }

        return [.. changed];
    }

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"|[-0-9.eE+]+|[a-z]+|\\s+|.", RegexOptions.Singleline)]
    private static partial Regex JsonToken();
}
