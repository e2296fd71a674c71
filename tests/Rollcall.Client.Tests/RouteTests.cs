using System.Net;
using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests;

public sealed class RouteTests : IDisposable
{
    private readonly FakeServer _server = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Accounts()
    {
        _server.Answer(HttpStatusCode.Created, $$"""{"success": true, "data": {{Samples.Registered}}}""")
            .Answer(Samples.Tokens)
            .Answer(Samples.Tokens)
            .Answer(HttpStatusCode.NoContent, "")
            .Answer("""{"user": {"id": "usr_1", "email": "a@example.org"}, "organizations": []}""");
        var client = _server.Client();

        var registration = await client.RegisterAsync(new() { Email = "a", Password = "p", OrganizationName = "o" }, Cancelled);
        await client.LoginAsync(new() { Email = "a", Password = "p" }, Cancelled);
        var tokens = await client.RefreshAsync("r", Cancelled);
        await client.LogoutAsync("r", Cancelled);
        var me = await client.GetMeAsync(Cancelled);

        Assert.Equal("org_1", registration.Organization.Id);
        Assert.Equal(3600, tokens.ExpiresIn);
        Assert.Equal("usr_1", me.User.Id);
        AssertAsked(
            ("POST auth/register", """{"email":"a","password":"p","organization_name":"o"}"""),
            ("POST auth/login", """{"email":"a","password":"p"}"""),
            ("POST auth/refresh", """{"refresh_token":"r"}"""),
            ("POST auth/logout", """{"refresh_token":"r"}"""),
            ("GET me", null));
    }

    [Fact]
    public async Task Api_keys()
    {
        _server.Answer(HttpStatusCode.Created, $$"""{"success": true, "data": {{Samples.CreatedKey}}}""")
            .Answer("""{"api_keys": [], "next_cursor": "c"}""")
            .Answer(HttpStatusCode.NoContent, "");
        var client = _server.Client();

        var created = await client.CreateApiKeyAsync("org_1", new() { Name = "n", Scopes = [Scopes.Batch] }, Cancelled);
        var list = await client.ListApiKeysAsync("org_1", cancellationToken: Cancelled);
        await client.RevokeApiKeyAsync("org_1", "key_1", Cancelled);

        Assert.Equal("rc_live_abc", created.Secret);
        Assert.Equal("c", list.NextCursor);
        AssertAsked(
            ("POST organizations/org_1/api-keys", """{"name":"n","scopes":["batch"]}"""),
            ("GET organizations/org_1/api-keys", null),
            ("DELETE organizations/org_1/api-keys/key_1", null));
    }

    [Fact]
    public async Task Organizations()
    {
        _server.Answer(
            """
            {"deleted": true, "collections": 1, "faces": 2, "persons": 3, "jobs": 4, "images": 5, "api_keys": 6, "members": 7, "accounts": 8,
             "deleted_at": "2026-03-04T12:00:00Z"}
            """);

        var receipt = await _server.Client().DeleteOrganizationAsync("org_1", "Example & Co", Cancelled);

        Assert.Equal((1, 2, 3, 4), (receipt.Collections, receipt.Faces, receipt.Persons, receipt.Jobs));
        Assert.Equal((5, 6, 7, 8), (receipt.Images, receipt.ApiKeys, receipt.Members, receipt.Accounts));
        AssertAsked(("DELETE organizations/org_1?confirm=Example%20%26%20Co", null));
    }

    [Fact]
    public async Task Members()
    {
        const string Member = """{"user_id": "user_1", "email": "a@example.org", "role": "viewer", "joined_at": "2026-03-04T12:00:00Z"}""";
        const string Invited =
            """
            {"user_id": null, "email": "a@example.org", "role": "viewer", "joined_at": null,
             "invitation": {"id": "inv_1", "token": "rc_join_1", "expires_at": "2026-03-11T12:00:00Z"}}
            """;
        _server.Answer(HttpStatusCode.Created, $$"""{"success": true, "data": {{Invited}}}""")
            .Answer($$"""{"members": [{{Member}}], "invitations": [], "next_cursor": "c"}""")
            .Answer(Member)
            .Answer(HttpStatusCode.NoContent, "")
            .Answer(HttpStatusCode.Created, $$"""{"success": true, "data": {{Samples.Registered}}}""");
        var client = _server.Client();

        var added = await client.AddMemberAsync("org_1", new() { Email = "a@example.org", Role = OrganizationRole.Viewer }, Cancelled);
        var list = await client.ListMembersAsync("org_1", 1, cancellationToken: Cancelled);
        var changed = await client.ChangeMemberAsync("org_1", "user_1", OrganizationRole.Admin, Cancelled);
        await client.RemoveMemberAsync("org_1", "user_1", Cancelled);
        await client.JoinAsync(new() { Token = "t", Password = "p" }, Cancelled);

        Assert.Equal("rc_join_1", added.Invitation!.Token);
        Assert.DoesNotContain("rc_join_1", $"{added} {new JoinRequest { Token = "rc_join_1", Password = "rc_join_1" }}", StringComparison.Ordinal);
        Assert.Equal(list.Members.Single(), changed);
        AssertAsked(
            ("POST organizations/org_1/members", """{"email":"a@example.org","role":"viewer"}"""),
            ("GET organizations/org_1/members?limit=1", null),
            ("PATCH organizations/org_1/members/user_1", """{"role":"admin"}"""),
            ("DELETE organizations/org_1/members/user_1", null),
            ("POST auth/join", """{"token":"t","password":"p"}"""));
    }

    [Fact]
    public async Task Audit_log()
    {
        var hash = new string('a', 64);
        _server.Answer($$"""{"entries": [{{Samples.Entry}}], "next_cursor": "c"}""")
            .Answer($$"""{"valid": true, "entries": 1, "head": {"number": 1, "hash": "{{hash}}"}, "first_bad": null, "reason": null}""")
            .Answer($$"""{"valid": false, "entries": 1, "head": {"number": 1, "hash": "{{hash}}"}, "first_bad": 2, "reason": "missing"}""")
            .Answer(HttpStatusCode.OK, "{}\n")
            .Answer(HttpStatusCode.OK, "")
            .Answer(HttpStatusCode.Forbidden, Samples.Failure("INSUFFICIENT_SCOPE"));
        var client = _server.Client();

        var filter = new AuditLogFilter { Action = "face.enrolled", Actor = "key_1", Target = "face_1", ExternalId = "a b", After = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero) };
        var list = await client.ListAuditLogAsync("org_1", filter, 2, cancellationToken: Cancelled);
        var verified = await client.VerifyAuditLogAsync("org_1", cancellationToken: Cancelled);
        var broken = await client.VerifyAuditLogAsync("org_1", verified.Head, Cancelled);
        using var file = new MemoryStream();
        await client.ExportAuditLogAsync("org_1", file, cancellationToken: Cancelled);
        await client.ExportAuditLogAsync("org_1", file, 2, Cancelled);
        await Assert.ThrowsAsync<RollcallException>(() => client.ExportAuditLogAsync("org_1", file, cancellationToken: Cancelled));

        Assert.Equal(("face.enrolled", "rc_live_ab", "face_1"), (list.Entries[0].Action, list.Entries[0].Actor.Label, list.Entries[0].Target!.Id));
        Assert.Equal((2, "missing"), (broken.FirstBad, broken.Reason));
        Assert.Equal("{}\n"u8.ToArray(), file.ToArray());
        AssertAsked(
            ("GET organizations/org_1/audit-log?action=face.enrolled&actor=key_1&target=face_1&external_id=a%20b&after=2026-03-04T12%3A00%3A00.000Z&limit=2", null),
            ("GET organizations/org_1/audit-log/verify", null),
            ($"GET organizations/org_1/audit-log/verify?head=1%3A{hash}", null),
            ("GET organizations/org_1/audit-log/export", null),
            ("GET organizations/org_1/audit-log/export?from=2", null),
            ("GET organizations/org_1/audit-log/export", null));
    }

    [Fact]
    public async Task Collections()
    {
        _server.Answer(HttpStatusCode.Created, $$"""{"success": true, "data": {{Samples.Collection}}}""")
            .Answer($$"""{"collections": [{{Samples.Collection}}], "next_cursor": null}""")
            .Answer(Samples.Collection)
            .Answer(Samples.Collection)
            .Answer("""{"deleted": true, "faces": 3, "persons": 2, "jobs": 1, "images": 4}""");
        var client = _server.Client();

        await client.CreateCollectionAsync(new() { Name = "Staff" }, Cancelled);
        var list = await client.ListCollectionsAsync(200, "a+b", Cancelled);
        var collection = await client.GetCollectionAsync("col_1", Cancelled);
        var change = new CollectionPatch
        {
            Description = null,
            Settings = new CollectionSettingsPatch { MinQuality = 0.5, OnDuplicate = OnDuplicate.Append, IdentityGuard = null, KeepImages = false },
        };
        await client.ChangeCollectionAsync("col_1", change, Cancelled);
        var receipt = await client.DeleteCollectionAsync("col_1", Cancelled);

        Assert.Equal(list.Collections.Single(), collection);
        Assert.Equal(new CollectionDeleted { Deleted = true, Faces = 3, Persons = 2, Jobs = 1, Images = 4 }, receipt);
        AssertAsked(
            ("POST collections", """{"name":"Staff"}"""),
            ("GET collections?limit=200&cursor=a%2Bb", null),
            ("GET collections/col_1", null),
            ("PATCH collections/col_1", """{"description":null,"settings":{"min_quality":0.5,"on_duplicate":"append","identity_guard":null,"keep_images":false}}"""),
            ("DELETE collections/col_1", null));
    }

    [Fact]
    public async Task Faces()
    {
        _server.Answer($$"""{"faces": [{{Samples.Face}}], "next_cursor": null}""").Answer(Samples.Face);
        var client = _server.Client();

        var list = await client.ListFacesAsync("col_1", "é &1", 1, "c", Cancelled);
        var face = await client.GetFaceAsync("col_1", "face_1", Cancelled);

        Assert.Equal(list.Faces.Single(), face);
        AssertAsked(
            ("GET collections/col_1/faces?external_id=%C3%A9%20%261&limit=1&cursor=c", null),
            ("GET collections/col_1/faces/face_1", null));
    }

    [Fact]
    public async Task Deletions_and_changes_of_faces()
    {
        const string Receipt =
            """{"deleted": true, "faces": 2, "superseded_faces": 1, "uploads": 3, "images": 4, "ended_items": 5, "deleted_at": "2026-03-04T12:00:00Z"}""";
        _server.Answer(Samples.Face).Answer(Receipt).Answer(Receipt).Answer(Receipt.Replace("5,", "5, \"suppressed\": true,", StringComparison.Ordinal))
            .Answer("""{"count": 7}""").Answer("""{"count": 1}""").Answer(HttpStatusCode.NoContent, "");
        var client = _server.Client();

        await client.ChangeFaceAsync("col_1", "face_1", new() { Metadata = null }, Cancelled);
        var receipt = await client.DeleteFaceAsync("col_1", "face_1", Cancelled);
        await client.ErasePersonAsync("col_1", "é &1", cancellationToken: Cancelled);
        var suppressed = await client.ErasePersonAsync("col_1", "p", suppress: true, Cancelled);
        var count = await client.CountSuppressionsAsync("col_1", cancellationToken: Cancelled);
        await client.CountSuppressionsAsync("col_1", "é &1", Cancelled);
        await client.LiftSuppressionAsync("col_1", "é &1", Cancelled);

        Assert.Equal((2, 1, 3, 4, 5), (receipt.Faces, receipt.SupersededFaces, receipt.Uploads, receipt.Images, receipt.EndedItems));
        Assert.Equal((false, true, 7), (receipt.Suppressed, suppressed.Suppressed, count.Count));
        AssertAsked(
            ("PATCH collections/col_1/faces/face_1", """{"metadata":null}"""),
            ("DELETE collections/col_1/faces/face_1", null),
            ("DELETE collections/col_1/faces?external_id=%C3%A9%20%261", null),
            ("DELETE collections/col_1/faces?external_id=p&suppress=true", null),
            ("GET collections/col_1/suppressions", null),
            ("GET collections/col_1/suppressions?external_id=%C3%A9%20%261", null),
            ("DELETE collections/col_1/suppressions?external_id=%C3%A9%20%261", null));
    }

    [Fact]
    public async Task Batches()
    {
        _server.Answer(Samples.Job("processing")).Answer(Samples.Job("processing")).Answer(Samples.Job("processing"))
            .Answer("""{"jobs": [], "next_cursor": null}""")
            .Answer("""{"jobs": [], "next_cursor": null}""");
        var client = _server.Client();

        await client.GetBatchAsync(BatchAddress.InCollection("col_1", "j"), cancellationToken: Cancelled);
        await client.GetBatchAsync(BatchAddress.InOrganization("org_1", "j"), BatchResults.None, Cancelled);
        await client.GetBatchAsync(BatchAddress.InCollection("col_1", "j"), BatchResults.Failed, Cancelled);
        await client.ListBatchesAsync("org_1", cancellationToken: Cancelled);
        await client.ListBatchesAsync(
            "org_1",
            new() { Status = JobStatus.Done, CollectionId = "col_1", CreatedAfter = new(2026, 3, 4, 1, 0, 0, TimeSpan.FromHours(1)) },
            limit: 2,
            cancellationToken: Cancelled);

        AssertAsked(
            ("GET collections/col_1/batch/j", null),
            ("GET organizations/org_1/batch/j?results=false", null),
            ("GET collections/col_1/batch/j?results=failed", null),
            ("GET organizations/org_1/batch", null),
            ("GET organizations/org_1/batch?status=done&collection_id=col_1&created_after=2026-03-04T00%3A00%3A00.000Z&limit=2", null));
    }

    [Fact]
    public async Task A_change_of_a_job_is_waited_for_at_the_server()
    {
        _server.Answer(Samples.Job("processing")).Answer(Samples.Job("done", 2));
        var client = _server.Client();

        await client.WaitForChangeAsync(BatchAddress.InCollection("col_1", "j"), TimeSpan.FromSeconds(30), cancellationToken: Cancelled);
        await client.WaitForChangeAsync(BatchAddress.InOrganization("org_1", "j"), TimeSpan.FromMinutes(1), BatchResults.None, Cancelled);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => client.WaitForChangeAsync(BatchAddress.InCollection("col_1", "j"), TimeSpan.FromSeconds(61), cancellationToken: Cancelled));
        AssertAsked(
            ("GET collections/col_1/batch/j?wait=30", null),
            ("GET organizations/org_1/batch/j?results=false&wait=60", null));
    }

    [Fact]
    public async Task What_is_done_with_a_job()
    {
        _server.Answer(Samples.Job("processing")).Answer(Samples.Job("queued")).Answer(Samples.Job("queued"))
            .Answer("""{"restored": 1, "removed": 2, "left": [{"index": 3, "reason": "newer_reference"}]}""").Answer(HttpStatusCode.NoContent, "");
        var client = _server.Client();

        await client.CancelBatchAsync(BatchAddress.InCollection("col_1", "j"), Cancelled);
        await client.RetryBatchAsync(BatchAddress.InCollection("col_1", "j"), cancellationToken: Cancelled);
        await client.RetryBatchAsync(
            BatchAddress.InOrganization("org_1", "j"), new() { MultipleFaces = MultipleFaces.Largest, MinQuality = 0.5, Codes = [ErrorCodes.MultipleFaces] }, Cancelled);
        var undone = await client.UndoBatchAsync(BatchAddress.InCollection("col_1", "j"), Cancelled);
        await client.DeleteBatchAsync(BatchAddress.InOrganization("org_1", "j"), Cancelled);

        Assert.Equal((1, 2), (undone.Restored, undone.Removed));
        Assert.Equal((3, ItemLeft.NewerReference), (Assert.Single(undone.Left).Index, undone.Left[0].Reason));

        AssertAsked(
            ("POST collections/col_1/batch/j/cancel", null),
            ("POST collections/col_1/batch/j/retry", "{}"),
            ("POST organizations/org_1/batch/j/retry", """{"multiple_faces":"largest","min_quality":0.5,"codes":["MULTIPLE_FACES"]}"""),
            ("POST collections/col_1/batch/j/undo", null),
            ("DELETE organizations/org_1/batch/j", null));
    }

    [Fact]
    public async Task Look_alikes()
    {
        _server.Answer(
            """
            {"pairs": [{"similarity": 0.97, "cosine": 0.71, "first": {"index": 0, "external_id": "a", "face_id": "face_1"},
              "second": {"index": null, "external_id": "b", "face_id": "face_2"}}], "threshold": 0.5, "searched": 12, "truncated": true}
            """).Answer("""{"pairs": [], "threshold": 0.5, "searched": 0, "truncated": false}""");
        var client = _server.Client();

        var report = await client.FindLookAlikesAsync(BatchAddress.InCollection("col_1", "j"), cancellationToken: Cancelled);
        await client.FindLookAlikesAsync(BatchAddress.InOrganization("org_1", "j"), 200, Cancelled);

        Assert.Equal((0.5, 12, true), (report.Threshold, report.Searched, report.Truncated));
        Assert.Equal(
            new() { Similarity = 0.97, Cosine = 0.71, First = new() { Index = 0, ExternalId = "a", FaceId = "face_1" }, Second = new() { Index = null, ExternalId = "b", FaceId = "face_2" } },
            Assert.Single(report.Pairs));
        AssertAsked(("GET collections/col_1/batch/j/look-alikes", null), ("GET organizations/org_1/batch/j/look-alikes?limit=200", null));
    }

    [Fact]
    public async Task Probes_are_at_the_root_and_one_that_is_not_ready_is_an_answer()
    {
        _server.Answer("""{"status": "ok"}""")
            .Answer("""{"status": "ok", "checks": {"database": "ok"}}""")
            .Answer(
                HttpStatusCode.ServiceUnavailable,
                """
                {"success": false, "error": {"code": "SERVICE_BUSY", "message": "m", "details": {"model": "not loaded"}},
                 "request_id": "r", "timestamp": "2026-03-04T12:00:00Z"}
                """);
        var client = _server.Client(address: "http://rollcall.example/below");

        Assert.Equal("ok", (await client.GetHealthAsync(Cancelled)).Status);
        Assert.Equal("ok", (await client.GetReadinessAsync(Cancelled)).Status);
        var unready = await client.GetReadinessAsync(Cancelled);
        Assert.Equal(("not_ready", "not loaded"), (unready.Status, unready.Checks["model"]));
        Assert.Equal(
            ["healthz", "readyz", "readyz"],
            _server.Requests.Select(request => request.Line.Replace("GET http://rollcall.example/below/", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task An_id_that_would_lead_elsewhere_is_never_sent(string id)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _server.Client().GetFaceAsync("col_1", id, Cancelled));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task An_id_stays_one_segment_of_the_address()
    {
        _server.Answer(Samples.Face);

        await _server.Client().GetFaceAsync("col_1", "../a?b#c", Cancelled);

        AssertAsked(("GET collections/col_1/faces/..%2Fa%3Fb%23c", null));
    }

    [Fact]
    public void A_client_needs_to_know_its_server()
    {
        using var http = new HttpClient();
        Assert.Throws<ArgumentException>(() => new RollcallClient(http));
    }

    public void Dispose() => _server.Dispose();

    private void AssertAsked(params (string Route, string? Body)[] expected) => Assert.Equal(
        expected.Select(one => (one.Route.Replace(" ", " http://rollcall.example/api/v1/", StringComparison.Ordinal), one.Body)),
        _server.Requests.Select(request => (request.Line, request.Body)));
}
