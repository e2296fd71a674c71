using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Tests.OpenApi;

public sealed class DocumentTests
{
    [Fact]
    public async Task It_is_an_openapi_document_without_errors()
    {
        await using var host = await TestHost.StartAsync();
        var text = await host.Http.GetStringAsync("/openapi/v1.json");

        var read = OpenApiDocument.Parse(text, OpenApiConstants.Json, new OpenApiReaderSettings { RuleSet = ValidationRuleSet.GetDefaultRuleSet() });

        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
    }

    [Fact]
    public async Task It_is_made_once_however_often_and_under_whatever_name_it_is_asked_for()
    {
        var made = 0;
        await using var host = await TestHost.StartAsync(customize: builder => builder.Services.Configure<OpenApiOptions>("v1", document =>
            document.AddDocumentTransformer((_, _, _) => Task.FromResult(Interlocked.Increment(ref made)))));

        foreach (var name in new[] { "a.example", "b.example", "b.example" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json") { Headers = { Host = name } };
            using var answer = await host.Http.SendAsync(request);
            Assert.Equal($"http://{name}/", (await answer.JsonAsync())["servers"]![0]!["url"]!.GetValue<string>());
        }

        Assert.Equal(1, made);
    }

    [Fact]
    public async Task It_has_the_routes_that_are_mapped_and_no_others()
    {
        await using var host = await TestHost.StartAsync();
        var document = await DocumentAsync(host);

        var mapped = host.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription != true)
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}"));

        Assert.Equal(mapped.Order(StringComparer.Ordinal), Operations(document).Select(operation => operation.Name).Order(StringComparer.Ordinal));
        var hidden = host.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription == true)
            .Select(endpoint => $"/{endpoint.RoutePattern.RawText!.Trim('/')}");
        Assert.All(hidden, path => Assert.True(path == "/" || path.StartsWith("/openapi/", StringComparison.Ordinal) || path.StartsWith("/api/v1/reference", StringComparison.Ordinal), path));
    }

    [Fact]
    public async Task Each_operation_says_what_it_is_for_what_it_takes_and_what_it_answers()
    {
        await using var host = await TestHost.StartAsync();
        var document = await DocumentAsync(host);
        var ids = new HashSet<string>(StringComparer.Ordinal);

        Assert.All(Operations(document), operation =>
        {
            var (name, node) = operation;
            Assert.True(ids.Add(node["operationId"]?.GetValue<string>() ?? ""), $"{name} needs an operationId of its own: .Describe(…)");
            Assert.False(string.IsNullOrWhiteSpace(node["summary"]?.GetValue<string>()), $"{name} needs a summary: .Describe(…)");
            Assert.Single(node["tags"]!.AsArray());
            Assert.NotNull(node["security"]);
            foreach (var parameter in node["parameters"]!.AsArray().Where(parameter => parameter!["$ref"] is null))
                Assert.False(string.IsNullOrWhiteSpace(parameter!["description"]?.GetValue<string>()), $"{name}: the parameter {parameter["name"]} needs a description: .Takes(…)");

            var responses = node["responses"]!.AsObject();
            Assert.Contains(responses, response => response.Key[0] == '2');
            Assert.All(responses.Where(response => response.Key[0] == '2'), response => Assert.NotEqual("OK", response.Value!["description"]!.GetValue<string>()));
            Assert.All(responses.Where(response => response.Key[0] is '4' or '5'), response =>
            {
                Assert.Equal("#/components/schemas/ApiFailure", response.Value!["content"]!["application/json"]!["schema"]!["$ref"]!.GetValue<string>());
                Assert.All(response.Value["x-error-codes"]!.AsArray(), code =>
                    Assert.Equal(response.Key, (ErrorCodes.StatusOf(code!.GetValue<string>()) ?? 500).ToString(provider: null)));
            });
            if (node["requestBody"] is { } body) Assert.NotEmpty(body["content"]!.AsObject());
        });
    }

    [Fact]
    public async Task Who_may_call_is_said_for_each_operation()
    {
        await using var host = await TestHost.StartAsync();
        var operations = Operations(await DocumentAsync(host)).ToDictionary(operation => operation.Name, operation => operation.Node["security"]!.ToJsonString());

        string[] open = ["GET /healthz", "GET /readyz", "POST /api/v1/auth/join", "POST /api/v1/auth/login", "POST /api/v1/auth/refresh", "POST /api/v1/auth/register"];
        Assert.All(open, name => Assert.Equal("[]", operations[name]));
        Assert.Equal("""[{"Bearer":[]},{}]""", operations["POST /api/v1/auth/logout"]);
        Assert.Equal("""[{"MetricsToken":[]},{}]""", operations["GET /metrics"]);
        Assert.Equal("""[{"Bearer":[]}]""", operations["GET /api/v1/me"]);
        Assert.All(
            operations.Where(pair => !open.Contains(pair.Key) && pair.Key is not ("GET /api/v1/me" or "POST /api/v1/auth/logout" or "GET /metrics")),
            pair => Assert.Equal("""[{"ApiKey":[]},{"Bearer":[]}]""", pair.Value));
    }

    [Fact]
    public async Task It_speaks_the_language_of_the_wire()
    {
        await using var host = await TestHost.StartAsync();
        var text = (await DocumentAsync(host)).ToJsonString();

        Assert.DoesNotContain("&lt;", text, StringComparison.Ordinal);
        var types = typeof(ApiFailure).Assembly.GetExportedTypes().Where(type => !type.IsGenericType).Select(type => type.Name);
        Assert.DoesNotMatch($@"\b({string.Join('|', types)})\.[A-Z]|\b(Scopes|ErrorCodes)\b", text);
    }

    /// <summary>The forms of requests and of records by example; that answers are as it says, every test sees to.</summary>
    [Fact]
    public async Task It_knows_alternatives_defaults_ranges_and_what_may_be_null()
    {
        await using var host = await TestHost.StartAsync();
        var document = await DocumentAsync(host);
        var batch = document["paths"]!["/api/v1/collections/{collection_id}/faces/batch-async"]!["post"]!["requestBody"]!["content"]!["multipart/form-data"]!;

        Assert.Equal(
            ["images", "images[]", "external_ids[]", "external_ids", "metadata[]", "metadata", "entries", "on_duplicate", "multiple_faces", "min_quality", "allow_identity_change", "check_liveness", "dry_run"],
            batch["schema"]!["properties"]!.AsObject().Select(part => part.Key));
        Assert.Equal(["replace", "replace_if_better", "append", "skip", "reject"], batch["schema"]!["properties"]!["on_duplicate"]!["enum"]!.AsArray().Select(value => value!.GetValue<string>()));
        Assert.Equal("image/jpeg, image/png, image/webp", batch["encoding"]!["images"]!["contentType"]!.GetValue<string>());
        var limit = document["paths"]!["/api/v1/collections"]!["get"]!["parameters"]!.AsArray().Single(parameter => parameter!["name"]?.GetValue<string>() == "limit")!["schema"]!;
        Assert.Equal(("integer", 1, 200, 50), (limit["type"]!.GetValue<string>(), limit["minimum"]!.GetValue<int>(), limit["maximum"]!.GetValue<int>(), limit["default"]!.GetValue<int>()));

        var schemas = document["components"]!["schemas"]!;
        Assert.Equal("""["null","string"]""", schemas["Face"]!["properties"]!["job_id"]!["type"]!.ToJsonString());
        Assert.Equal("\"string\"", schemas["CollectionPatch"]!["properties"]!["name"]!["type"]!.ToJsonString());
        Assert.Equal("""["null","string"]""", schemas["CollectionPatch"]!["properties"]!["description"]!["type"]!.ToJsonString());
        Assert.Equal("""["name"]""", schemas["CreateCollection"]!["required"]!.ToJsonString());
        Assert.All(
            schemas.AsObject().Where(schema => schema.Value!["properties"] is not null),
            schema => Assert.False(schema.Value!["additionalProperties"]!.GetValue<bool>(), schema.Key));
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/api/v1/collections")]
    public async Task Where_there_is_get_there_is_head(string path)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        using var get = await tenant.Key.GetAsync(path);
        using var head = await tenant.Key.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        using var nowhere = await tenant.Key.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/v1/auth/login"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, nowhere.StatusCode);
    }

    [Fact]
    public async Task A_document_that_lies_fails_the_test_in_which_it_does()
    {
        string truth;
        await using (var honest = await TestHost.StartAsync()) truth = (await DocumentAsync(honest)).ToJsonString();
        foreach (var (lie, found) in new (Action<JsonNode>, string)[]
        {
            (document => document["components"]!["schemas"]!["Health"]!["required"]!.AsArray().Add("colour"), "colour"),
            (document => document["components"]!["schemas"]!["Health"]!["properties"]!.AsObject().Remove("status"), "/data/status"),
            (document => document["paths"]!["/healthz"]!["get"]!["responses"]!.AsObject().Remove("200"), "answered 200, which its operation does not declare"),
            (document => document["paths"]!["/healthz"]!["get"]!["responses"]!["200"]!["headers"]!["X-Colour"] = new JsonObject { ["required"] = true }, "X-Colour"),
            (document => document["paths"]!["/healthz"]!["get"]!["responses"]!["200"]!["headers"]!.AsObject().Remove("X-Request-Id"), "X-Request-Id"),
            (document => document["paths"]!["/healthz"]!["get"]!["responses"]!["200"]!["content"] = new JsonObject { ["text/plain"] = new JsonObject() }, "text/plain"),
            (document => document["paths"]!["/healthz"]!["get"]!["responses"]!["400"]!["x-error-codes"] = new JsonArray("NO_IMAGES"), "INVALID_REQUEST"),
            (document => document["paths"]!.AsObject().Remove("/healthz"), "no such operation"),
        })
        {
            var document = JsonNode.Parse(truth)!.AsObject();
            lie(document);
            var host = await TestHost.StartAsync(watch: new ResponseWatch(new Contract(document)));
            using (await host.Http.GetAsync("/healthz"))
            {
                using var both = new HttpRequestMessage(HttpMethod.Get, "/healthz") { Headers = { { "X-API-Key", "x" }, { "Authorization", "Bearer x" } } };
                using var refused = await host.Http.SendAsync(both);
                Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            }

            var caught = await Assert.ThrowsAnyAsync<Exception>(() => host.DisposeAsync().AsTask());
            Assert.Contains(found, caught.Message, StringComparison.Ordinal);
        }
    }

    internal static async Task<JsonObject> DocumentAsync(TestHost host)
    {
        using var answer = await host.Http.GetAsync("/openapi/v1.json");
        return await answer.JsonAsync();
    }

    internal static IEnumerable<(string Name, JsonObject Node)> Operations(JsonObject document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select ($"{operation.Key.ToUpperInvariant()} {path.Key}", operation.Value!.AsObject());
}
