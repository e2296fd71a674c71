using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests.Contracts;

public sealed class RecordJsonTests
{
    [Fact]
    public void A_collection_reads_and_writes_as_the_contract_names_it() => AssertRoundTrip<ApiResponse<Collection>>(
        """
        {"success": true, "data": {"id": "col_1", "name": "Staff", "description": null, "face_count": 2, "person_count": 1, "model": {"id": "pack", "evaluation": true},
          "settings": {"min_quality": 0.4, "on_duplicate": "replace", "multiple_faces": "match_existing", "check_liveness": false,
            "allow_identity_change": false, "identity_guard": 0.25, "identify_threshold": null, "duplicate_threshold": null,
            "keep_images": false, "retention_days": null},
          "created_at": "2026-03-04T12:00:00.000Z"}}
        """);

    [Fact]
    public void A_face_reads_and_writes_as_the_contract_names_it() => AssertRoundTrip<ApiResponse<FaceList>>(
        """
        {"success": true, "data": {"faces": [
         {"face_id": "face_1", "collection_id": "col_1", "external_id": "e", "metadata": {"team": ["a"]},
          "quality_score": 0.5, "bounding_box": {"x": 0, "y": 0.25, "width": 0.5, "height": 1}, "image_sha256": "ab", "model": "pack",
          "job_id": null, "index": null, "created_at": "2026-03-04T12:00:00.123Z"},
         {"face_id": "face_2", "collection_id": "col_1", "external_id": "e", "metadata": null,
          "quality_score": 0.5, "bounding_box": {"x": 0, "y": 0.25, "width": 0.5, "height": 1}, "image_sha256": "ab", "model": "pack",
          "job_id": "j", "index": 0, "created_at": "2026-03-04T12:00:00.123Z"}], "next_cursor": null}}
        """);

    [Fact]
    public void An_identification_reads_and_writes_as_the_contract_names_it() => AssertRoundTrip<ApiResponse<IdentifyResult>>(
        """
        {"success": true, "data": {"matches": [{"face_id": "face_1", "external_id": "e", "similarity": 0.75, "cosine": 0.5, "rank": 1,
          "metadata": null}], "threshold": 0.5, "faces_found": 1, "searched": 1000000, "query_time_ms": 1.5}}
        """);

    [Fact]
    public void An_audit_log_reads_and_writes_as_the_contract_names_it()
    {
        AssertRoundTrip<ApiResponse<AuditEntryList>>(Answer(
            $$"""
            {"entries": [{{Samples.Entry}},
              {"number": 2, "organization_id": "org_1", "at": "2026-03-04T12:00:00.000Z", "action": "face.expired", "actor": {"kind": "system", "id": null, "label": null},
               "address": null, "request_id": null, "target": null, "collection_id": null, "person": null, "details": null, "hash": "ef"}], "next_cursor": null}
            """));
        AssertRoundTrip<ApiResponse<AuditLogVerification>>(Answer(
            """{"valid": false, "entries": 1, "head": {"number": 1, "hash": "cd"}, "first_bad": 2, "reason": "missing"}"""));
    }

    [Fact]
    public void Comparisons_and_detections_read_and_write_as_the_contract_names_them()
    {
        AssertRoundTrip<ApiResponse<VerifyResult>>(Answer(Samples.Verified));
        AssertRoundTrip<ApiResponse<CompareResult>>(Answer("""{"similarity": 0.75, "cosine": 0.5, "verified": true, "threshold": 0.5}"""));
        AssertRoundTrip<ApiResponse<DetectResult>>(Answer(
            """
            {"faces": [{"bounding_box": {"x": 0, "y": 0.25, "width": 0.5, "height": 1},
              "landmarks": {"left_eye": {"x": 0.1, "y": 0.2}, "right_eye": {"x": 0.3, "y": 0.2}, "nose": {"x": 0.2, "y": 0.3},
                "left_mouth": {"x": 0.1, "y": 0.4}, "right_mouth": {"x": 0.3, "y": 0.4}},
              "detection_score": 0.9, "quality_score": 0.3, "reasons": ["blur"]}], "faces_found": 1}
            """));
    }

    [Fact]
    public void Registration_reads_as_a_login_too()
    {
        const string Json =
            """
            {"success": true, "data": {"user": {"id": "usr_1", "email": "a@example.org"},
              "organization": {"id": "org_1", "name": "Org", "role": "owner"},
              "access_token": "a", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r",
              "organizations": [{"id": "org_1", "name": "Org", "role": "owner"}]}}
            """;

        AssertRoundTrip<ApiResponse<Registration>>(Json);
        Assert.Equal("r", Wire.Read<ApiResponse<AuthTokens>>(Json).Data!.RefreshToken);
    }

    [Fact]
    public void A_key_shows_its_text_only_in_the_answer_that_creates_it()
    {
        const string Key =
            """
            "id": "key_1", "name": "n", "prefix": "rc_live_abcd", "scopes": ["batch", "faces:read"], "collections": null,
            "allowed_ips": null, "expires_at": null, "created_at": "2026-03-04T12:00:00.000Z", "last_used_at": null
            """;
        const string Created = $$$"""{"success": true, "data": {{{{Key}}}, "api_key": "rc_live_abcdef"}}""";
        const string List = $$$"""{"success": true, "data": {"api_keys": [{{{{Key}}}}], "next_cursor": null}}""";

        AssertRoundTrip<ApiResponse<ApiKeyCreated>>(Created);
        AssertRoundTrip<ApiResponse<ApiKeyList>>(List);
        Wire.AssertSame(List, Wire.Write(ApiResponse.Ok(new ApiKeyList
        {
            ApiKeys = [Wire.Read<ApiResponse<ApiKeyCreated>>(Created).Data!],
            NextCursor = null,
        })));
    }

    [Fact]
    public void Nothing_secret_gets_into_a_log()
    {
        string[] printed =
        [
            $"{new RegisterRequest { Email = "e", Password = "secret", OrganizationName = "o" }}",
            $"{new LoginRequest { Email = "e", Password = "secret" }}",
            $"{new RefreshRequest { RefreshToken = "secret" }}",
            $"{new LogoutRequest { RefreshToken = "secret" }}",
            $"{Wire.Read<ApiResponse<ApiKeyCreated>>(Answer(Samples.CreatedKey.Replace("_abc", "secret", StringComparison.Ordinal)))}",
            $"{Wire.Read<ApiResponse<AuthTokens>>(Answer(Samples.Tokens.Replace("\"r\"", "\"secret\"", StringComparison.Ordinal)))}",
            $"{Wire.Read<ApiResponse<Registration>>(Answer(Samples.Registered.Replace("\"r\"", "\"secret\"", StringComparison.Ordinal)))}",
        ];

        Assert.All(printed, text => Assert.DoesNotContain("secret", text, StringComparison.Ordinal));
    }

    [Fact]
    public void An_error_answer_reads_and_writes_as_the_contract_names_it() => AssertRoundTrip<ApiFailure>(
        """
        {"success": false, "error": {"code": "IDENTITY_MISMATCH", "message": "m", "details": {"similarity": 0.1}},
         "request_id": "r", "timestamp": "2026-03-04T12:00:00.000Z"}
        """);

    [Fact]
    public void Me_and_readiness_read_and_write_as_they_are_named()
    {
        AssertRoundTrip<ApiResponse<Me>>(
            """{"success": true, "data": {"user": {"id": "usr_1", "email": "e"}, "organizations": []}}""");
        AssertRoundTrip<ApiResponse<Readiness>>(
            """{"success": true, "data": {"status": "ok", "model": {"id": "standard", "evaluation": false, "caveat": null}, "checks": {"database": "ok", "storage": "ok", "model": "ok"}}}""");
    }

    [Theory]
    [InlineData("2026-03-04T13:00:00+01:00")]
    [InlineData("2026-03-04T12:00:00Z")]
    [InlineData("2026-03-04T12:00:00.0004Z")]
    public void Times_are_written_in_utc_with_a_z(string read)
    {
        var key = Wire.Read<CreateApiKey>($$"""{"name": "n", "scopes": [], "expires_at": "{{read}}"}""");

        Assert.Equal("""{"name":"n","scopes":[],"expires_at":"2026-03-04T12:00:00.000Z"}""", Wire.Write(key));
        Assert.Equal(TimeSpan.Zero, key.ExpiresAt!.Value.Offset);
    }

    [Theory]
    [InlineData("""{"name": "n", "mode": "fast"}""")]
    [InlineData("""{"name": null}""")]
    [InlineData("""{}""")]
    [InlineData("""{"name": "n", "settings": {"min_qualty": 1}}""")]
    [InlineData("""{"name": "n", "settings": {"on_duplicate": 1}}""")]
    [InlineData("""{"name": "n", "settings": {"on_duplicate": "best"}}""")]
    public void A_request_that_the_contract_does_not_know_is_refused(string json) =>
        Assert.Throws<JsonException>(() => Wire.Read<CreateCollection>(json));

    [Fact]
    public void A_collection_is_created_from_its_name_alone()
    {
        Assert.Equal("""{"name":"n"}""", Wire.Write(new CreateCollection { Name = "n" }));
        Assert.Equal(
            """{"name":"n","settings":{"on_duplicate":"replace_if_better"}}""",
            Wire.Write(new CreateCollection { Name = "n", Settings = new() { OnDuplicate = OnDuplicate.ReplaceIfBetter } }));
    }

    [Fact]
    public void A_hosts_own_options_speak_the_wire_once_configured()
    {
        var options = new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

        RollcallJson.Configure(options);

        var type = (JsonTypeInfo<CreateApiKey>)options.GetTypeInfo(typeof(CreateApiKey));
        var json = JsonSerializer.Serialize(
            new CreateApiKey { Name = "n", Scopes = [Scopes.Batch], ExpiresAt = DateTimeOffset.UnixEpoch, AllowedIps = ["::1"] }, type);
        Assert.Equal(
            """{"name":"n","scopes":["batch"],"allowed_ips":["::1"],"expires_at":"1970-01-01T00:00:00.000Z"}""",
            json);
    }

    private static string Answer(string data) => $$"""{"success": true, "data": {{data}}}""";

    private static void AssertRoundTrip<T>(string json) => Wire.AssertSame(json, Wire.Write(Wire.Read<T>(json)));
}
