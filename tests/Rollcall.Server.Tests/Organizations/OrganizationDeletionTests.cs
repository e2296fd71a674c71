using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Faces.Models;
using Rollcall.Server.Batches;
using Rollcall.Server.Collections;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Organizations;
using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.OpenApi;
using Rollcall.Server.Tests.Recognition;
using static Rollcall.Server.Tests.OpenApi.Calls;

namespace Rollcall.Server.Tests.Organizations;

/// <summary>The end of an organization (docs/adr/0020).</summary>
public sealed class OrganizationDeletionTests
{
    private const int Many = 4_500; // references, more than two portions of them

    [Fact]
    public async Task It_takes_all_that_it_holds_along_and_those_who_belong_nowhere_else_and_leaves_everybody_else_as_they_were()
    {
        await using var host = await TestHost.StartAsync();
        var other = await World.CreateAsync(host, "bystander7f3a");
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["keep_images"] = true });
        await ManyFaces.AddAsync(host, tenant.Organization, await tenant.CreateCollectionAsync(), Many, perPerson: 3);
        tenant.Key.DefaultRequestHeaders.Add("Idempotency-Key", "once");
        var body = BatchBody.Of(("somebody-who-stands-nowhere-else", Assets.Lfw("George_W_Bush")), ("rocket", Assets.Sample("nonface/rocket.jpg"))).Field("multiple_faces", "largest");
        var job = (await tenant.EnrolAsync(body))["job_id"]!.GetValue<string>();
        tenant.Key.DefaultRequestHeaders.Remove("Idempotency-Key");
        await tenant.EnrolAsync(BatchBody.Of(("somebody-who-stands-nowhere-else", Assets.Lfw("George_W_Bush", 3))).Field("multiple_faces", "largest"));
        await tenant.IdentifyAsync(Assets.Lfw("George_W_Bush")); // the index knows them
        using var suppressed = await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id=nobody&suppress=true");
        using var deleted = await tenant.Key.DeleteAsync($"/api/v1/collections/{await tenant.CreateCollectionAsync()}");
        var elsewhere = await host.MemberAsync(tenant, "admin"); // has an organization of their own
        var invitation = await tenant.Bearer.AddMemberAsync(tenant, "hers-alone@example.com", "owner").DataAsync(HttpStatusCode.Created);
        using var joined = await host.JoinAsync(invitation["invitation"]!["token"]!.GetValue<string>());
        var only = await Colleague.OfAsync(host, joined);
        var open = await tenant.Bearer.AddMemberAsync(tenant, "invited@example.com", "viewer").DataAsync(HttpStatusCode.Created);
        var owner = await Colleague.OfOwnerAsync(tenant);
        var vector = await host.Get<Database>().ReadAsync(
            tx => tx.Connection!.ExecuteScalarAsync<byte[]>("SELECT vector FROM face WHERE external_id = 'somebody-who-stands-nowhere-else'", null, tx), CancellationToken.None);
        var image = await File.ReadAllBytesAsync(Assets.Lfw("George_W_Bush", 3));
        byte[][] traces = [vector![..64], image[1000..1064], .. new[] { "somebody-who-stands-nowhere-else", tenant.Organization, tenant.Collection, job, "hers-alone@", "invited@", owner.Email }.Select(Encoding.UTF8.GetBytes)];
        Assert.All(traces, trace => Assert.True(DataFiles.Contain(host.Data, trace)));
        var before = await other.StateAsync();

        var receipt = await only.Client.DeleteAsync($"/api/v1/organizations/{tenant.Organization}?confirm=Example").DataAsync(HttpStatusCode.OK);

        Assert.Equal((2, Many + 2, (Many / 3) + 1), (Int(receipt, "collections"), Int(receipt, "faces"), Int(receipt, "persons")));
        Assert.Equal((2, 3, 1, 3, 2), (Int(receipt, "jobs"), Int(receipt, "images"), Int(receipt, "api_keys"), Int(receipt, "members"), Int(receipt, "accounts")));
        Assert.All(traces, trace => Assert.Empty(DataFiles.Holding(host.Data, trace)));
        await AssertNothingNamesAsync(host, tenant.Organization, tenant.Collection, job, owner.Id, only.Id);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories));
        Assert.Equal(0, host.Get<IndexFeed>().Size.Vectors);

        // Its keys and tokens open nothing, and who belongs elsewhere goes on there.
        await tenant.Key.GetAsync("/api/v1/collections").RefusedAsync(HttpStatusCode.Unauthorized, "INVALID_API_KEY");
        foreach (var gone in new[] { owner, only })
        {
            await gone.Client.GetAsync("/api/v1/me").RefusedAsync(HttpStatusCode.Unauthorized, "TOKEN_INVALID");
            await host.Http.PostAsync("/api/v1/auth/login", JsonBody($$"""{"email": "{{gone.Email}}", "password": "{{Colleague.Password}}"}""")).RefusedAsync(HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS");
        }

        Assert.Equal(HttpStatusCode.NotFound, await elsewhere.SeesAsync(tenant));
        var me = await elsewhere.Client.GetAsync("/api/v1/me").DataAsync(HttpStatusCode.OK);
        Assert.Equal("Own", Assert.Single(me["organizations"]!.AsArray())!["name"]!.GetValue<string>());
        await host.JoinAsync(open["invitation"]!["token"]!.GetValue<string>()).RefusedAsync(HttpStatusCode.Unauthorized, "TOKEN_INVALID");
        Assert.Equal(before, await other.StateAsync());
        await Colleague.RegisterAsync(host, owner.Email); // the address is free again
    }

    [Fact]
    public async Task Only_an_owner_does_it_and_only_by_its_name()
    {
        await using var host = await TestHost.StartAsync();
        var world = await World.CreateAsync(host, "Staff2027");
        var tenant = world.Tenant;
        var stranger = await Tenant.CreateAsync(host.Address);
        var admin = await host.MemberAsync(tenant, "admin");
        var before = await world.StateAsync();
        var path = $"/api/v1/organizations/{tenant.Organization}";

        foreach (var confirm in new[] { "", "?confirm=", "?confirm=staff2027", "?confirm=Staff2027%20", "?confirm=Staff2027&confirm=Staff2027", $"?confirm={tenant.Organization}" })
            await tenant.Bearer.DeleteAsync(path + confirm).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        await admin.Client.DeleteAsync($"{path}?confirm=Staff2027&x").RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");
        await tenant.Key.DeleteAsync($"{path}?confirm=Staff2027").RefusedAsync(HttpStatusCode.Forbidden, "INSUFFICIENT_SCOPE");
        await stranger.Bearer.DeleteAsync($"{path}?confirm=Staff2027").RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");

        Assert.Equal(before, await world.StateAsync());
        await tenant.Bearer.DeleteAsync($"{path}?confirm=Staff2027").StatusAsync(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_is_under_way_meanwhile_enrols_nobody_and_leaves_nothing_behind()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var other = await Tenant.CreateAsync(host.Address);
        var before = await Leftovers.OfAsync(host);
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Lfw("Tom_Ridge")))))["job_id"]!.GetValue<string>();
        var held = (await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items.Single();
        var result = (ItemResult.Embedded)await host.Get<ItemProcessor>().ProcessAsync(held, CancellationToken.None);
        var waiting = tenant.Key.GetAsync($"/api/v1/organizations/{tenant.Organization}/batch/{job}?wait=60");
        var release = new TaskCompletionSource();
        var upload = tenant.PostAsync(BatchBody.Of(("r", Assets.Lfw("Tony_Blair"))), release.Task);
        await Eventually.TrueAsync(() => Directory.GetFiles(Path.Combine(host.Data, "blobs"), "*", SearchOption.AllDirectories).Length == 3);

        await tenant.Bearer.DeleteAsync($"/api/v1/organizations/{tenant.Organization}?confirm=Example").StatusAsync(HttpStatusCode.OK);
        release.SetResult();

        await upload.RefusedAsync(HttpStatusCode.NotFound, "COLLECTION_NOT_FOUND");
        await waiting.RefusedAsync(HttpStatusCode.NotFound, "BATCH_JOB_NOT_FOUND");
        Assert.Equal([Completion.LeaseLost], await host.Get<WorkQueue>().CompleteAsync([new FinishedItem(held, result)], ModelPack.Standard.Calibration, CancellationToken.None));
        await Assert.ThrowsAsync<OrganizationGoneException>(() => host.Get<CollectionStore>().CreateAsync(tenant.Organization, "x", null, Settings.Default, CancellationToken.None));
        await Assert.ThrowsAsync<OrganizationGoneException>(() => host.Get<ApiKeyStore>().CreateAsync(tenant.Organization, "x", [Scopes.Batch], null, null, null, CancellationToken.None));
        await Assert.ThrowsAsync<OrganizationGoneException>(() => host.Get<StorageQuota>().TakeAsync(tenant.Organization, 1, CancellationToken.None));
        await Assert.ThrowsAsync<OrganizationGoneException>(
            () => host.Get<IdempotencyStore>().ReserveAsync(new IdempotencyKey(tenant.Organization, "batch-async", tenant.Collection, "k"), CancellationToken.None));
        await Leftovers.AreAsync(before, host);
        Assert.Equal(HttpStatusCode.OK, (await other.Key.GetAsync("/api/v1/collections")).StatusCode);
    }

    [Fact]
    public async Task One_that_the_process_died_over_is_closed_and_the_next_start_takes_the_rest()
    {
        using var folder = new TestFolder();
        Tenant tenant;
        await using (var host = await TestHost.StartAsync(data: folder.Path))
        {
            var other = await Tenant.CreateAsync(host.Address);
            var job = (await other.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")))))["job_id"]!.GetValue<string>();
            tenant = await Tenant.CreateAsync(host.Address, new() { ["keep_images"] = true });
            await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("rocket", Assets.Sample("nonface/rocket.jpg"))));
            await ManyFaces.AddAsync(host, tenant.Organization, await tenant.CreateCollectionAsync(), 10); // without a job
            var owner = await Colleague.OfOwnerAsync(tenant);

            var closed = await host.Get<OrganizationRemoval>().CloseAsync(new Actor(tenant.Organization, owner.Id, null), "Example");

            Assert.False(closed.IsRefused(out _, out _));
            await tenant.Key.GetAsync("/api/v1/collections").RefusedAsync(HttpStatusCode.Unauthorized, "INVALID_API_KEY");
            await other.Key.DeleteAsync($"/api/v1/organizations/{other.Organization}/batch/{job}").StatusAsync(HttpStatusCode.NoContent); // others' deletions go on
            Assert.Equal(12, await CountAsync(host, "SELECT COUNT(*) FROM face"));
        }

        await using var next = await TestHost.StartAsync(data: folder.Path);

        await AssertNothingNamesAsync(next, tenant.Organization, tenant.Collection);
        Assert.Equal(1, await CountAsync(next, "SELECT COUNT(*) FROM face"));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(folder.Path, "blobs"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task An_owner_who_is_none_any_more_when_it_comes_to_it_deletes_nothing()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var admin = await host.MemberAsync(tenant, "admin");

        var asAdmin = await host.Get<OrganizationRemoval>().RemoveAsync(new Actor(tenant.Organization, admin.Id, null), "Example");
        var asNobody = await host.Get<OrganizationRemoval>().RemoveAsync(new Actor(tenant.Organization, "user_none", null), "Example");

        Assert.True(asAdmin.IsRefused(out var forbidden, out _));
        Assert.True(asNobody.IsRefused(out var unknown, out _));
        Assert.Equal(("INSUFFICIENT_SCOPE", "NOT_FOUND"), (forbidden.Code, unknown.Code));
        Assert.Equal(HttpStatusCode.OK, (await tenant.Key.GetAsync("/api/v1/collections")).StatusCode);
    }

    /// <summary>In no column of any table: a table that is made later and forgotten here fails this.</summary>
    private static async Task AssertNothingNamesAsync(TestHost host, params string[] ids)
    {
        var found = await host.Get<Database>().ReadAsync(
            async tx =>
            {
                var where = new List<string>();
                var columns = await tx.Connection!.QueryAsync<(string Table, string Column)>(
                    "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'", null, tx);
                foreach (var (table, column) in columns.AsList())
                {
                    foreach (var id in ids)
                    {
                        if (await tx.Connection!.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {table} WHERE INSTR(CAST({column} AS TEXT), @id) > 0", new { id }, tx) > 0)
                            where.Add($"{table}.{column} names {id}");
                    }
                }

                return where;
            },
            CancellationToken.None);
        Assert.Empty(found);
    }

    private static int Int(JsonObject json, string name) => json[name]!.GetValue<int>();

    private static Task<long> CountAsync(TestHost host, string sql) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<long>(sql, null, tx), CancellationToken.None);
}
