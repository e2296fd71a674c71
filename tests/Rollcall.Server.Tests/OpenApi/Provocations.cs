using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Time.Testing;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.Recognition;
using static Rollcall.Server.Tests.OpenApi.Calls;

namespace Rollcall.Server.Tests.OpenApi;

/// <summary>What has to be done for each error code to come.</summary>
internal static class Provocations
{
    private const string Powell = "Colin_Powell";

    public static IReadOnlyDictionary<string, Func<Lab, Task<HttpResponseMessage>>> Requests { get; } = new Dictionary<string, Func<Lab, Task<HttpResponseMessage>>>(StringComparer.Ordinal)
    {
        ["INVALID_REQUEST"] = lab => lab.Tenant.Key.PostAsync("/api/v1/collections", JsonBody("{")),
        ["COUNT_MISMATCH"] = lab => lab.Tenant.PostAsync(BatchBody.Of(("p", Assets.Lfw(Powell))).Field("external_ids[]", "q")),
        ["TOO_MANY_IMAGES"] = lab => lab.Tenant.PostAsync(Enumerable.Range(0, 101).Aggregate(new BatchBody(), (body, i) => body.Image($"p{i}", [1]))),
        ["NO_IMAGES"] = lab => lab.Tenant.PostAsync(new BatchBody().Field("external_ids[]", "p")),

        ["MISSING_CREDENTIALS"] = lab => lab.Host.Http.GetAsync("/api/v1/collections"),
        ["INVALID_API_KEY"] = lab => lab.Host.ClientWith("X-API-Key", "rc_live_none").GetAsync("/api/v1/collections"),
        ["INVALID_CREDENTIALS"] = lab => lab.Host.Http.PostAsync("/api/v1/auth/login", JsonBody("""{"email": "nobody@example.com", "password": "wrong"}""")),
        ["TOKEN_EXPIRED"] = async lab =>
        {
            var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
            await lab.MoveToAsync(await TestHost.StartAsync(time));
            time.Advance(TimeSpan.FromHours(2));
            return await lab.Tenant.Bearer.GetAsync("/api/v1/me");
        },
        ["TOKEN_INVALID"] = lab => lab.Host.ClientWith("Authorization", "Bearer none").GetAsync("/api/v1/me"),

        ["INSUFFICIENT_SCOPE"] = async lab => await (await KeyAsync(lab, """{"scopes": ["identify"]}""")).GetAsync($"{lab.InCollection}/faces"),
        ["COLLECTION_NOT_ALLOWED"] = async lab =>
            await (await KeyAsync(lab, $$"""{"scopes": ["faces:read"], "collections": ["{{await lab.Tenant.CreateCollectionAsync()}}"]}""")).GetAsync($"{lab.InCollection}/faces"),
        ["IP_NOT_ALLOWED"] = async lab => await (await KeyAsync(lab, """{"scopes": ["faces:read"], "allowed_ips": ["192.0.2.7"]}""")).GetAsync($"{lab.InCollection}/faces"),

        ["NOT_FOUND"] = lab => lab.Tenant.Bearer.DeleteAsync($"{lab.InOrganization}/api-keys/key_none"),
        ["COLLECTION_NOT_FOUND"] = lab => lab.Tenant.Key.GetAsync("/api/v1/collections/col_none"),
        ["FACE_NOT_FOUND"] = lab => lab.Tenant.Key.GetAsync($"{lab.InCollection}/faces/face_none"),
        ["BATCH_JOB_NOT_FOUND"] = lab => lab.Tenant.Key.GetAsync($"{lab.InOrganization}/batch/none"),

        ["DUPLICATE_EXTERNAL_ID"] = async lab =>
        {
            using var first = await EnrolAsync(lab, Assets.Lfw(Powell));
            return await EnrolAsync(lab, Assets.Lfw(Powell, 2));
        },
        ["ALREADY_EXISTS"] = async lab =>
        {
            using var me = await lab.Tenant.Bearer.GetAsync("/api/v1/me");
            var email = (await me.JsonAsync())["data"]!["user"]!["email"]!;
            return await lab.Host.Http.PostAsync("/api/v1/auth/register", JsonBody($$"""{"email": "{{email}}", "password": "correct horse", "organization_name": "x"}"""));
        },
        ["IDEMPOTENCY_KEY_IN_USE"] = async lab =>
        {
            var release = new TaskCompletionSource();
            lab.Tenant.Key.DefaultRequestHeaders.Add("Idempotency-Key", "k");
            var slow = lab.Tenant.PostAsync(BatchBody.Of(("p", Assets.Lfw(Powell))), release.Task);
            await Eventually.TrueAsync(async () => await CountAsync(lab, "SELECT COUNT(*) FROM idempotency WHERE organization_id = @Organization") == 1);
            var refused = await lab.Tenant.PostAsync(BatchBody.Of(("p", Assets.Lfw(Powell))));
            release.SetResult();
            using var first = await slow;
            return refused;
        },
        ["IDEMPOTENCY_KEY_REUSED"] = async lab =>
        {
            lab.Tenant.Key.DefaultRequestHeaders.Add("Idempotency-Key", "k");
            await lab.Tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw(Powell))));
            return await lab.Tenant.PostAsync(BatchBody.Of(("q", Assets.Lfw(Powell))));
        },
        ["JOB_NOT_FINISHED"] = async lab =>
        {
            await lab.MoveToAsync(await TestHost.StartAsync(customize: TestHost.WithoutWorker));
            var job = await lab.Tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw(Powell))));
            return await lab.Tenant.Key.DeleteAsync($"{lab.InOrganization}/batch/{job["job_id"]}");
        },
        ["NOTHING_TO_RETRY"] = async lab =>
        {
            var job = await lab.Tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw(Powell))));
            return await lab.Tenant.Key.PostAsync($"{lab.InOrganization}/batch/{job["job_id"]}/retry", null);
        },
        ["TOO_MANY_REFERENCES"] = async lab =>
        {
            using var first = await EnrolAsync(lab, Assets.Lfw(Powell));
            await ExecuteAsync(
                lab,
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 99)
                INSERT INTO face (id, organization_id, collection_id, person_num, external_id, quality_score, box_x, box_y, box_width, box_height,
                  image_sha256, model, vector, owner_seq, state, change_seq, created_at)
                SELECT id || i, organization_id, collection_id, person_num, external_id, quality_score, box_x, box_y, box_width, box_height,
                  image_sha256 || i, model, vector, owner_seq, state, change_seq + i, created_at FROM face, n WHERE organization_id = @Organization;
                UPDATE collection SET change_seq = change_seq + 99 WHERE organization_id = @Organization;
                """);
            return await EnrolAsync(lab, Assets.Lfw(Powell, 2), ("on_duplicate", "append"));
        },
        ["SUPPRESSED"] = async lab =>
        {
            using var suppressed = await lab.Tenant.Key.DeleteAsync($"{lab.InCollection}/faces?external_id=p&suppress=true");
            return await EnrolAsync(lab, Assets.Lfw(Powell));
        },
        ["MODEL_MISMATCH"] = async lab =>
        {
            await ExecuteAsync(lab, "UPDATE collection SET model = 'another' WHERE organization_id = @Organization");
            return await lab.Tenant.PostAsync(BatchBody.Of(("p", Assets.Lfw(Powell))));
        },

        ["PAYLOAD_TOO_LARGE"] = lab =>
        {
            lab.Tenant.Key.DefaultRequestHeaders.ExpectContinue = true; // else the refusal may come while the body is being sent
            return lab.Tenant.Key.PostAsync("/api/v1/collections", JsonBody(new string(' ', 2 * 1024 * 1024)));
        },
        ["UNSUPPORTED_MEDIA_TYPE"] = lab => lab.Tenant.Key.PostAsync("/api/v1/detect", JsonBody("{}")),

        ["FACE_NOT_DETECTED"] = lab => EnrolAsync(lab, Assets.Sample("nonface/rocket.jpg")),
        ["MULTIPLE_FACES"] = lab => EnrolAsync(lab, Assets.Sample("group/bald_guys.jpg"), ("multiple_faces", "reject")),
        ["FACE_QUALITY_TOO_LOW"] = lab => EnrolAsync(lab, Assets.Lfw(Powell), ("min_quality", "1")),
        ["LIVENESS_CHECK_FAILED"] = lab => EnrolAsync(lab, Assets.Sample("spoof/image_F1.jpg"), ("check_liveness", "true"), ("min_quality", "0")),
        ["UNREADABLE_IMAGE"] = lab => BadAsync(lab, "UNREADABLE_IMAGE"),
        ["UNSUPPORTED_FORMAT"] = lab => BadAsync(lab, "UNSUPPORTED_FORMAT"),
        ["IMAGE_TOO_LARGE"] = lab => BadAsync(lab, "IMAGE_TOO_LARGE"),
        ["IMAGE_TOO_SMALL"] = lab => BadAsync(lab, "IMAGE_TOO_SMALL"),
        ["IDENTITY_MISMATCH"] = async lab =>
        {
            using var first = await EnrolAsync(lab, Assets.Lfw(Powell));
            return await EnrolAsync(lab, Assets.Lfw("Tom_Ridge"), ("on_duplicate", "replace"));
        },

        ["RATE_LIMIT_EXCEEDED"] = async lab =>
        {
            await lab.MoveToAsync(await TestHost.StartAsync(args: "--Limits:RequestsPerMinute=4"));
            for (var i = 0; i < 4; i++) (await lab.Tenant.Key.GetAsync("/api/v1/collections")).Dispose();
            return await lab.Tenant.Key.GetAsync("/api/v1/collections");
        },
        ["QUOTA_EXCEEDED"] = async lab =>
        {
            await lab.MoveToAsync(await TestHost.StartAsync(args: "--Limits:StoredBytes=10"));
            return await lab.Tenant.PostAsync(BatchBody.Of(("p", Assets.Lfw(Powell))));
        },
        ["SERVICE_BUSY"] = async lab =>
        {
            await lab.MoveToAsync(await TestHost.StartAsync());
            Directory.Delete(Path.Combine(lab.Host.Data, "blobs"));
            return await lab.Host.Http.GetAsync("/readyz");
        },
    };

    /// <summary>Each gives the job with the item.</summary>
    public static IReadOnlyDictionary<string, Func<Lab, Task<JsonObject>>> Items { get; } = new Dictionary<string, Func<Lab, Task<JsonObject>>>(StringComparer.Ordinal)
    {
        ["CANCELLED"] = async lab =>
        {
            await lab.MoveToAsync(await TestHost.StartAsync(customize: TestHost.WithoutWorker));
            var job = await lab.Tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw(Powell))));
            using var cancelled = await lab.Tenant.Key.PostAsync($"{lab.InOrganization}/batch/{job["job_id"]}/cancel", null);
            return await lab.Tenant.PollAsync(job["job_id"]!.GetValue<string>());
        },
        ["PROCESSING_ERROR"] = async lab =>
        {
            await lab.MoveToAsync(await TestHost.StartAsync());
            await ExecuteAsync(lab, "CREATE TRIGGER crashed AFTER INSERT ON work BEGIN UPDATE work SET suspect = 1, crashes = 3 WHERE item_id = NEW.item_id; END");
            return await lab.Tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw(Powell))));
        },
        ["SUPPRESSED"] = async lab =>
        {
            using var suppressed = await lab.Tenant.Key.DeleteAsync($"{lab.InCollection}/faces?external_id=p&suppress=true");
            return await lab.Tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw(Powell))));
        },
        ["ERASED"] = async lab =>
        {
            await lab.MoveToAsync(await TestHost.StartAsync(customize: TestHost.WithoutWorker));
            var job = await lab.Tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw(Powell)), ("q", Assets.Lfw("Tom_Ridge"))));
            using var erased = await lab.Tenant.Key.DeleteAsync($"{lab.InCollection}/faces?external_id=p");
            return await lab.Tenant.PollAsync(job["job_id"]!.GetValue<string>());
        },
    };

    private static async Task<HttpClient> KeyAsync(Lab lab, string body) =>
        lab.Host.ClientWith("X-API-Key", await lab.Tenant.CreateKeyAsync(JsonNode.Parse(body)!.AsObject()));

    private static Task<HttpResponseMessage> EnrolAsync(Lab lab, string photograph, params (string Name, string Value)[] fields) =>
        EnrolAsync(lab, File.ReadAllBytes(photograph), fields);

    private static Task<HttpResponseMessage> EnrolAsync(Lab lab, byte[] image, params (string Name, string Value)[] fields) =>
        lab.Tenant.Key.SendAsync($"collections/{lab.Tenant.Collection}/faces", [("image", image)], [.. fields.Any(field => field.Name == "external_id") ? [] : new[] { ("external_id", "p") }, .. fields]);

    private static Task<HttpResponseMessage> BadAsync(Lab lab, string code) => EnrolAsync(lab, Bad.Unreadable().First(bad => bad.Code == code).Bytes);

    private static Task<long> CountAsync(Lab lab, string sql) =>
        lab.Host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>(sql, new { lab.Tenant.Organization }, tx), CancellationToken.None);

    private static Task ExecuteAsync(Lab lab, string sql) =>
        lab.Host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync(sql, new { lab.Tenant.Organization }, tx), CancellationToken.None);
}
