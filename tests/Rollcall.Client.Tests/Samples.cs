namespace Rollcall.Client.Tests;

/// <summary>Answers of a server, each the smallest that is whole.</summary>
internal static class Samples
{
    public const string Accepted =
        """{"job_id": "j", "status": "queued", "total": 1, "processed": 0, "succeeded": 0, "failed": 0}""";

    public const string Tokens =
        """{"access_token": "a", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r", "organizations": []}""";

    public const string Registered =
        """
        {"user": {"id": "usr_1", "email": "a@example.org"}, "organization": {"id": "org_1", "name": "Org", "role": "owner"},
         "access_token": "a", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r", "organizations": []}
        """;

    public const string Collection =
        """
        {"id": "col_1", "name": "Staff", "description": null, "face_count": 0, "person_count": 0, "model": null,
         "settings": {"min_quality": 0.4, "on_duplicate": "replace", "multiple_faces": "reject", "check_liveness": false,
           "allow_identity_change": false, "identity_guard": null, "identify_threshold": null, "duplicate_threshold": null,
           "keep_images": false, "retention_days": null},
         "created_at": "2026-03-04T12:00:00Z"}
        """;

    public const string Face =
        """
        {"face_id": "face_1", "collection_id": "col_1", "external_id": "e", "metadata": null, "quality_score": 0.5,
         "bounding_box": {"x": 0, "y": 0, "width": 1, "height": 1}, "image_sha256": "ab", "model": "pack", "job_id": null, "index": null,
         "created_at": "2026-03-04T12:00:00Z"}
        """;

    public const string CreatedKey =
        """
        {"id": "key_1", "name": "n", "prefix": "rc_live_ab", "scopes": ["batch"], "collections": null, "allowed_ips": null,
         "expires_at": null, "created_at": "2026-03-04T12:00:00Z", "last_used_at": null, "api_key": "rc_live_abc"}
        """;

    public const string Entry =
        """
        {"number": 1, "organization_id": "org_1", "at": "2026-03-04T12:00:00.123Z", "action": "face.enrolled",
         "actor": {"kind": "key", "id": "key_1", "label": "rc_live_ab"}, "address": "192.0.2.7", "request_id": "r",
         "target": {"kind": "face", "id": "face_1"}, "collection_id": "col_1", "person": "ab", "details": {"superseded": 0}, "hash": "cd"}
        """;

    public const string Identified =
        """{"matches": [], "threshold": 0.5, "faces_found": 1, "searched": 0, "query_time_ms": 1}""";

    public const string Verified =
        """
        {"verified": true, "similarity": 0.75, "cosine": 0.5, "threshold": 0.5, "face_id": "face_1", "external_id": "e", "faces_found": 1}
        """;

    public static string Job(string status, int processed = 0) =>
        $$"""
        {"job_id": "j", "status": "{{status}}", "total": 2, "processed": {{processed}}, "succeeded": {{processed}}, "failed": 0,
         "collection_id": "col_1", "on_duplicate": "replace", "created_at": "2026-03-04T12:00:00Z",
         "started_at": null, "completed_at": null, "expires_at": null}
        """;

    public static string Failure(string code) =>
        $$$"""
        {"success": false, "error": {"code": "{{{code}}}", "message": "why", "details": {"similarity": 0.25}},
         "request_id": "req-1", "timestamp": "2026-03-04T12:00:00Z"}
        """;
}
