using System.Net;
using System.Text;

namespace Rollcall.Server.Tests.OpenApi;

/// <summary>
/// How an operation is called with good input, and what the contract wants of its caller: the lowest role, and the scopes of which a key
/// needs one. Public operations have neither; what is for people alone has no scope.
/// </summary>
internal sealed record Call(string Operation, string? Role = null, string Scopes = "")
{
    public const string AnyScope = "batch faces:read faces:write identify collections";

    public Func<World, HttpContent>? Body { get; init; }

    /// <summary>Added to the path.</summary>
    public Func<World, string> Query { get; init; } = _ => "";

    /// <summary>What it answers whoever may call it when there is nothing for it to do.</summary>
    public HttpStatusCode? Idle { get; init; }

    public string Method => Operation.Split(' ')[0];

    public string Path => Operation.Split(' ')[1];

    public bool IsPublic => Role is null;

    /// <summary>What others need is not there any more afterwards.</summary>
    public bool Removes => Method == "DELETE" || Path.EndsWith("/undo", StringComparison.Ordinal);
}

/// <summary>A line for each operation of the document. A route without one fails the walk.</summary>
internal static class Calls
{
    private const string Collection = "/api/v1/collections/{collection_id}";
    private const string Organization = "/api/v1/organizations/{org_id}";

    /// <summary>In an order in which each can be carried out, what removes something last.</summary>
    public static IReadOnlyList<Call> All { get; } =
    [
        new("GET /healthz"),
        new("GET /readyz"),
        new("GET /metrics"),
        new("POST /api/v1/auth/register") { Body = world => JsonBody($$"""{"email": "{{Guid.NewGuid():N}}@example.com", "password": "correct horse", "organization_name": "{{world.Mark}}"}""") },
        new("POST /api/v1/auth/login") { Body = _ => JsonBody("""{"email": "nobody@example.com", "password": "wrong"}""") },
        new("POST /api/v1/auth/refresh") { Body = _ => JsonBody("""{"refresh_token": "none"}""") },
        new("POST /api/v1/auth/logout") { Body = _ => JsonBody("""{"refresh_token": "none"}""") },
        new("POST /api/v1/auth/join") { Body = _ => JsonBody("""{"token": "none", "password": "correct horse"}""") },
        new("GET /api/v1/me", "viewer"),

        new($"POST {Organization}/members", "admin") { Body = world => JsonBody($$"""{"email": "{{world.Mark}}-{{Guid.NewGuid():N}}@example.com", "role": "viewer"}""") },
        new($"GET {Organization}/members", "admin"),
        new($"PATCH {Organization}/members/{{user_id}}", "admin") { Body = _ => JsonBody("""{"role": "viewer"}""") },

        new($"POST {Organization}/api-keys", "admin") { Body = _ => JsonBody("""{"name": "another", "scopes": ["identify"]}""") },
        new($"GET {Organization}/api-keys", "admin"),

        new($"GET {Organization}/audit-log", "admin"),
        new($"GET {Organization}/audit-log/verify", "admin"),
        new($"GET {Organization}/audit-log/export", "admin"),

        .. new[] { "/api/v1/collections", $"{Organization}/collections" }.SelectMany(collections => new Call[]
        {
            new($"POST {collections}", "admin", "collections") { Body = _ => JsonBody("""{"name": "another"}""") },
            new($"GET {collections}", "viewer", Call.AnyScope),
            new($"GET {collections}/{{collection_id}}", "viewer", Call.AnyScope),
            new($"PATCH {collections}/{{collection_id}}", "admin", "collections") { Body = _ => JsonBody("""{"settings": {"min_quality": 0.3}}""") },
        }),

        new($"POST {Collection}/faces/batch-async", "member", "batch") { Body = world => Batch(world.OtherPerson, "Tom_Ridge") },
        new($"POST {Collection}/faces/batch", "member", "batch") { Body = world => Batch(world.OtherPerson, "Tom_Ridge") },
        new($"GET {Organization}/batch", "viewer", "batch faces:read"),
        new($"GET {Organization}/batch/{{job_id}}", "viewer", "batch faces:read"),
        new($"GET {Collection}/batch/{{job_id}}", "viewer", "batch faces:read"),
        new($"GET {Organization}/batch/{{job_id}}/events", "viewer", "batch faces:read"),
        new($"GET {Collection}/batch/{{job_id}}/events", "viewer", "batch faces:read"),
        new($"GET {Organization}/batch/{{job_id}}/look-alikes", "viewer", "batch faces:read"),
        new($"GET {Collection}/batch/{{job_id}}/look-alikes", "viewer", "batch faces:read"),
        new($"POST {Organization}/batch/{{job_id}}/cancel", "member", "batch"),
        new($"POST {Collection}/batch/{{job_id}}/cancel", "member", "batch"),
        new($"POST {Organization}/batch/{{job_id}}/retry", "member", "batch") { Body = _ => JsonBody("""{"min_quality": 0.3}"""), Idle = HttpStatusCode.Conflict },
        new($"POST {Collection}/batch/{{job_id}}/retry", "member", "batch") { Idle = HttpStatusCode.Conflict },

        new($"GET {Collection}/faces", "viewer", "faces:read"),
        new($"GET {Collection}/faces/{{face_id}}", "viewer", "faces:read"),
        new($"POST {Collection}/faces", "member", "faces:write") { Body = world => Form(("image", null, "Tony_Blair"), ("external_id", "carl", null), ("multiple_faces", "largest", null), ("on_duplicate", "replace", null)) },
        new($"PATCH {Collection}/faces/{{face_id}}", "member", "faces:write") { Body = _ => JsonBody("""{"metadata": {"shift": "night"}}""") },

        new($"POST {Collection}/identify", "member", "identify") { Body = _ => Form(("image", null, "Colin_Powell"), ("top_k", "100", null), ("threshold", "0", null)) },
        new($"POST {Collection}/verify", "member", "identify") { Body = world => Form(("image", null, "Colin_Powell"), ("face_id", world.Face, null)) },
        new("POST /api/v1/compare", "member", "identify") { Body = _ => Form(("image_a", null, "Colin_Powell"), ("image_b", null, "Tom_Ridge")) },
        new("POST /api/v1/detect", "member", "identify") { Body = _ => Form(("image", null, "Colin_Powell")) },

        new($"DELETE {Organization}/members/{{user_id}}", "admin"),
        new($"DELETE {Organization}/api-keys/{{key_id}}", "admin"),
        new($"DELETE {Collection}/faces/{{face_id}}", "member", "faces:write"),
        new($"DELETE {Collection}/faces", "member", "faces:write") { Query = world => $"?external_id={world.OtherPerson}&suppress=true" },
        new($"GET {Collection}/suppressions", "admin", "collections"),
        new($"DELETE {Collection}/suppressions", "admin", "collections") { Query = world => $"?external_id={world.OtherPerson}" },
        new($"POST {Organization}/batch/{{job_id}}/undo", "member", "batch"),
        new($"POST {Collection}/batch/{{job_id}}/undo", "member", "batch"),
        new($"DELETE {Organization}/batch/{{job_id}}", "member", "batch"),
        new($"DELETE {Collection}/batch/{{job_id}}", "member", "batch"),
        new("DELETE /api/v1/collections/{collection_id}", "admin", "collections"),
        new($"DELETE {Organization}/collections/{{collection_id}}", "admin", "collections"),
        new($"DELETE {Organization}", "owner") { Query = world => $"?confirm={world.Mark}" },
    ];

    public static HttpContent JsonBody(string text) => new StringContent(text, Encoding.UTF8, "application/json");

    private static MultipartFormDataContent Batch(string person, string photograph) => BatchBody.Of((person, Assets.Lfw(photograph))).ToContent();

    private static MultipartFormDataContent Form(params (string Name, string? Value, string? Photograph)[] parts)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value, photograph) in parts)
        {
            if (photograph is null) form.Add(new StringContent(value!), name);
            else form.Add(new ByteArrayContent(File.ReadAllBytes(Assets.Lfw(photograph))), name, "x.jpg");
        }

        return form;
    }
}
