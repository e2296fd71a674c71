using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Rollcall.Benchmarks.Campaigns;

namespace Rollcall.Server.Tests.Telemetry;

/// <summary>A whole life of an organization, its log written by the real process with every setting at its most talkative.</summary>
public sealed class LogTests
{
    private const string Password = "swordfish-in-the-evening";
    private const string Email = "Olga.Somebody@example.net";
    private const string Person = "pat-4711-pimpernel";
    private const string Remark = "afraid-of-herons";
    private const string Junk = "evil(injected) id";

    [Fact]
    public async Task A_whole_life_leaves_no_secret_image_vector_or_person_in_the_log()
    {
        using var folder = new TestFolder();
        await using var server = await ServerProcess.StartAsync(
            folder.Path,
            Assets.Models,
            "--Logging:Console:FormatterName=json",
            "--Logging:LogLevel:Default=Trace",
            "--Logging:LogLevel:Microsoft.AspNetCore=Trace",
            "--Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics=Trace",
            "--Logging:Console:LogLevel:Default=Trace",
            "--Logging:Console:LogLevel:Microsoft.AspNetCore=Trace",
            "--Logging:Console:LogLevel:Microsoft.AspNetCore.Server.Kestrel.BadRequests=Trace");
        using var life = new Life(server.Address, folder.Path);

        await life.LiveAsync();
        Assert.Equal(0, await server.StopAsync());

        var output = server.Output;
        foreach (var (what, secret) in life.Secrets)
            Assert.True(LineWith(output, secret) is not { } line, $"{what} ({secret}) is in the log: {LineWith(output, secret)}");

        var lines = output.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.All(lines, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", line["Timestamp"]!.GetValue<string>()));
        var submitted = lines.Where(line => ScopeOf(line, "RequestId") == "life-submit-1").ToList();
        var access = Assert.Single(submitted, line => line["EventId"]!.GetValue<int>() == 1401)["State"]!;
        Assert.Equal("POST", access["Method"]!.GetValue<string>());
        Assert.Equal("/api/v1/collections/{collection_id}/faces/batch-async", access["Route"]!.GetValue<string>());
        Assert.Equal(202, access["Status"]!.GetValue<int>());
        Assert.InRange(access["RequestBytes"]!.GetValue<long>(), 1_000, 1_000_000);
        Assert.Equal(life.SubmitAnswerBytes, access["ResponseBytes"]!.GetValue<long>());
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", ScopeOf(submitted[0], "TraceId"));

        // One line a request, each with an id; what a caller made up is not among them.
        var requests = lines.Where(line => line["EventId"]!.GetValue<int>() == 1401).ToList();
        Assert.Equal(life.Requests, requests.Count(line => line["State"]!["Route"]!.GetValue<string>() is not "/readyz"));
        Assert.All(requests, line => Assert.Matches("^[A-Za-z0-9_.:-]{1,128}$", ScopeOf(line, "RequestId")));
        Assert.Contains(requests, line => line["State"]!["Method"]!.GetValue<string>() == "_OTHER");
        Assert.Contains(requests, line => line["State"]!["Status"]!.GetValue<int>() == 404 && line["State"]!["Route"]!.GetValue<string>() == "(no route)");

        // What is said about a photograph names its job.
        var worked = lines.Where(line => line["EventId"]!.GetValue<int>() == 1403).ToList();
        Assert.Equal(2, worked.Count(line => ScopeOf(line, "JobId") == life.Job));
        Assert.All(worked, line => Assert.StartsWith(ScopeOf(line, "JobId")!, line["State"]!["ItemId"]!.GetValue<string>(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_access_log_can_be_switched_off_and_the_plain_console_shows_the_request_id_on_the_line()
    {
        using var folder = new TestFolder();
        foreach (var (setting, lines) in new[] { ("--Hosting:AccessLog=true", 1), ("--Hosting:AccessLog=false", 0), ("--Logging:LogLevel:Rollcall.Server.Telemetry.AccessLog=Warning", 0) })
        {
            await using var server = await ServerProcess.StartAsync(folder.Path, Assets.Models, setting);
            using var http = new HttpClient { BaseAddress = server.Address };
            http.DefaultRequestHeaders.Add("X-Request-Id", "plain-1");
            using var refused = await http.GetAsync("/api/v1/collections?external_id=somebody");
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            await server.StopAsync();

            var found = server.Output.Split('\n').Where(line => line.Contains("GET /api/v1/collections 401", StringComparison.Ordinal)).ToList();
            Assert.Equal(lines, found.Count);
            Assert.All(found, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info: Rollcall\.Server\.Telemetry\.AccessLog\[1401\] => RequestId:plain-1 TraceId:[0-9a-f]{32} GET", line));
            Assert.DoesNotContain("somebody", server.Output, StringComparison.Ordinal);
        }
    }

    private static string? ScopeOf(JsonNode line, string field) =>
        (line["Scopes"] as JsonArray)?.Select(scope => scope?[field]?.GetValue<string>()).FirstOrDefault(value => value is not null);

    private static string? LineWith(string output, string secret) =>
        output.Split('\n').FirstOrDefault(line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));

    private sealed class Life(Uri server, string data) : IDisposable
    {
        private readonly HttpClient _http = new() { BaseAddress = server };

        public List<(string What, string Text)> Secrets { get; } =
            [("the password", Password), ("the e-mail address", Email), ("an external id", Person), ("metadata", Remark), ("a junk request id", Junk)];

        public string Job { get; private set; } = "";

        public long SubmitAnswerBytes { get; private set; }

        public int Requests { get; private set; }

        public void Dispose() => _http.Dispose();

        public async Task LiveAsync()
        {
            var registered = await JsonAsync(HttpStatusCode.Created, "auth/register", new() { ["email"] = Email, ["password"] = Password, ["organization_name"] = "Example" });
            var organization = registered["organization"]!["id"]!.GetValue<string>();
            await JsonAsync(HttpStatusCode.Unauthorized, "auth/login", new() { ["email"] = Email, ["password"] = Password + "x" });
            var login = await JsonAsync(HttpStatusCode.OK, "auth/login", new() { ["email"] = Email, ["password"] = Password });
            var refresh = new JsonObject { ["refresh_token"] = login["refresh_token"]!.GetValue<string>() };
            var refreshed = await JsonAsync(HttpStatusCode.OK, "auth/refresh", refresh.DeepClone().AsObject());
            await JsonAsync(HttpStatusCode.BadRequest, "auth/login", new() { ["email"] = Email, ["password"] = Password, ["secret"] = Remark });
            foreach (var signIn in new[] { registered, login, refreshed })
                foreach (var token in new[] { "access_token", "refresh_token" }) Secrets.Add((token, signIn[token]!.GetValue<string>()));

            var bearer = new AuthenticationHeaderValue("Bearer", refreshed["access_token"]!.GetValue<string>());
            var created = await JsonAsync(
                HttpStatusCode.Created,
                $"organizations/{organization}/api-keys",
                new() { ["name"] = "k", ["scopes"] = new JsonArray("batch", "faces:read", "faces:write", "identify", "collections") },
                request => request.Headers.Authorization = bearer);
            var key = created["api_key"]!.GetValue<string>();
            Secrets.Add(("the API key", key));
            var wrong = key[..^6] + "abcdef";
            Secrets.Add(("a wrong API key", wrong));
            var expired = Expired();
            Secrets.Add(("an expired token", expired));

            var collection = (await JsonAsync(HttpStatusCode.Created, "collections", new() { ["name"] = "staff" }, WithKey))["id"]!.GetValue<string>();
            await SendAsync(HttpStatusCode.Unauthorized, HttpMethod.Get, "collections", null, request => request.Headers.Add("X-API-Key", wrong));
            await SendAsync(HttpStatusCode.Unauthorized, HttpMethod.Get, "me", null, request => request.Headers.Authorization = new("Bearer", expired));
            await SendAsync(HttpStatusCode.Unauthorized, HttpMethod.Get, "me", null, request => request.Headers.Authorization = new("Bearer", Remark));
            await SendAsync(HttpStatusCode.BadRequest, HttpMethod.Get, "collections", null, request =>
            {
                WithKey(request);
                request.Headers.Authorization = bearer;
            });

            var photograph = Assets.Lfw("Colin_Powell");
            Secret("an image", await File.ReadAllBytesAsync(photograph));
            var batch = BatchBody.Of((Person, photograph), ($"{Person}-2", Assets.Sample("broken/truncated.jpg"))).Field("metadata[]", $$"""{"note": "{{Remark}}"}""").Field("metadata[]", "");
            var accepted = await SendAsync(HttpStatusCode.Accepted, HttpMethod.Post, $"collections/{collection}/faces/batch-async", batch.ToContent(), request =>
            {
                WithKey(request);
                request.Headers.Add("X-Request-Id", "life-submit-1");
                request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
            });
            SubmitAnswerBytes = Encoding.UTF8.GetByteCount(accepted);
            Job = JsonNode.Parse(accepted)!["data"]!["job_id"]!.GetValue<string>();
            await Eventually.TrueAsync(async () => (await GetAsync($"collections/{collection}/batch/{Job}?wait=5")).Contains("\"done\"", StringComparison.Ordinal));
            Secret("a vector", await VectorAsync());

            await SendAsync(HttpStatusCode.UnprocessableEntity, HttpMethod.Post, $"collections/{collection}/faces", Form("broken/truncated.jpg", ("external_id", Person), ("on_duplicate", "replace")), WithKey);
            await SendAsync(HttpStatusCode.Conflict, HttpMethod.Post, $"collections/{collection}/faces", Form("single/astronaut.png", ("external_id", Person)), WithKey);
            await SendAsync(HttpStatusCode.OK, HttpMethod.Post, $"collections/{collection}/identify", Form("single/astronaut.png", ("threshold", "0")), WithKey);
            await SendAsync(HttpStatusCode.OK, HttpMethod.Post, $"collections/{collection}/verify", Form("single/astronaut.png", ("external_id", Person)), WithKey);
            await SendAsync(HttpStatusCode.BadRequest, HttpMethod.Post, $"collections/{collection}/verify", Form("single/astronaut.png", (Person, Remark)), WithKey);
            await GetAsync($"collections/{collection}/faces?external_id={Person}");
            await SendAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"collections/{collection}/faces/{Person}", null, WithKey);
            await SendAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"nowhere/{Person}?password={Password}", null, WithKey);
            await SendAsync(HttpStatusCode.MethodNotAllowed, new HttpMethod("SCRIBBLE"), $"collections/{collection}?external_id={Person}", null, WithKey);
            await SendAsync(HttpStatusCode.BadRequest, HttpMethod.Patch, $"collections/{collection}", new StringContent($"{{\"name\": {Remark}", Encoding.UTF8, "application/json"), WithKey);
            await SendAsync(HttpStatusCode.OK, HttpMethod.Get, "collections", null, request =>
            {
                WithKey(request);
                request.Headers.TryAddWithoutValidation("X-Request-Id", Junk);
            });
            await SendAsync(HttpStatusCode.OK, HttpMethod.Delete, $"collections/{collection}/faces?external_id={Person}", null, WithKey);

            // What HTTP itself rejects never comes to a route, and not to the log either.
            string[] rejected =
            [
                $"GET /x?external_id={Person} HTTP/9\r\n\r\n",
                $"GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-API-Key: {key}\u0001\r\n\r\n",
                $"GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{Person}\r\n\r\n",
                $"GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: a\r{Junk}\r\n\r\n",
            ];
            foreach (var bad in rejected)
            {
                var answer = await RawAsync(bad);
                Assert.StartsWith("HTTP/1.1 ", answer, StringComparison.Ordinal);
                if (answer.Contains("X-Request-Id", StringComparison.Ordinal)) Requests++;
            }

            void WithKey(HttpRequestMessage request) => request.Headers.Add("X-API-Key", key);

            async Task<string> GetAsync(string path) => await SendAsync(HttpStatusCode.OK, HttpMethod.Get, path, null, WithKey);
        }

        private static MultipartFormDataContent Form(string sample, params (string Name, string Value)[] fields)
        {
            var form = new MultipartFormDataContent { { new ByteArrayContent(File.ReadAllBytes(Assets.Sample(sample))), "image", "x" } };
            foreach (var (name, value) in fields) form.Add(new StringContent(value), name);
            return form;
        }

        /// <summary>Its bytes from two places, as they are likely to be written, and its numbers.</summary>
        private void Secret(string what, byte[] bytes)
        {
            foreach (var part in new[] { bytes[..18], bytes[120..138] })
            {
                Secrets.Add(($"{what} as base64", Convert.ToBase64String(part)));
                Secrets.Add(($"{what} as hex", Convert.ToHexStringLower(part)));
                Secrets.Add(($"{what} as hex with dashes", BitConverter.ToString(part)));
            }

            if (what.Contains("vector", StringComparison.Ordinal))
                Secrets.AddRange(MemoryMarshal.Cast<byte, float>(bytes)[..4].ToArray().Select(number => ("a vector's number", number.ToString("0.0000", CultureInfo.InvariantCulture)[1..])));
        }

        private async Task<byte[]> VectorAsync()
        {
            await using var database = new SqliteConnection($"Data Source={Path.Combine(data, "rollcall.db")};Mode=ReadOnly;Pooling=False");
            await database.OpenAsync();
            await using var vector = database.CreateCommand();
            vector.CommandText = "SELECT vector FROM face";
            return (byte[])(await vector.ExecuteScalarAsync())!;
        }

        /// <summary>A token of this server, signed with its key, whose time is over.</summary>
        private string Expired()
        {
            var then = DateTimeOffset.UnixEpoch.AddYears(50).ToUnixTimeSeconds();
            var text = $"{Base64("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Base64(Encoding.UTF8.GetBytes($$"""{"iss":"rollcall","aud":"rollcall","sub":"{{Person}}","sid":"s","iat":{{then}},"nbf":{{then}},"exp":{{then + 60}}}"""))}";
            return $"{text}.{Base64(HMACSHA256.HashData(File.ReadAllBytes(Path.Combine(data, "secrets", "token.key")), Encoding.ASCII.GetBytes(text)))}";

            static string Base64(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
        }

        private async Task<JsonNode> JsonAsync(HttpStatusCode expected, string path, JsonObject body, Action<HttpRequestMessage>? prepare = null)
        {
            var answer = JsonNode.Parse(await SendAsync(expected, HttpMethod.Post, path, JsonContent.Create(body), prepare))!;
            return answer["data"] ?? answer;
        }

        private async Task<string> SendAsync(HttpStatusCode expected, HttpMethod method, string path, HttpContent? content, Action<HttpRequestMessage>? prepare)
        {
            using var request = new HttpRequestMessage(method, $"/api/v1/{path}") { Content = content };
            prepare?.Invoke(request);
            Requests++;
            using var response = await _http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == expected, $"{method} {path}: {(int)response.StatusCode} {text}");
            return text;
        }

        private async Task<string> RawAsync(string request)
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(server.Host, server.Port);
            await socket.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
            using var reader = new StreamReader(socket.GetStream(), Encoding.Latin1);
            return await reader.ReadToEndAsync();
        }
    }
}
