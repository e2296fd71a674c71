using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Faces.Models;
using Rollcall.Server.Enrolment;
using Rollcall.Server.Storage;
using Rollcall.Server.Tests.Recognition;

namespace Rollcall.Server.Tests.Batches;

/// <summary><c>multiple_faces=match_existing</c>, with photographs on which the person is the smaller one.</summary>
public sealed class MatchExistingTests
{
    private static string Powell => Assets.Lfw("Colin_Powell", 1);
    private static string Ridge => Assets.Lfw("Tom_Ridge", 1);

    /// <summary>Ridge on the left, and Powell, smaller, on the right.</summary>
    private static byte[] Both => Pictures.Beside((Ridge, 400), (Assets.Lfw("Colin_Powell", 2), 250));

    [Theory]
    [InlineData("batch-async")]
    [InlineData("batch")]
    [InlineData("dry run")]
    public async Task Of_several_faces_the_one_most_like_the_persons_reference_is_enrolled_and_not_the_largest(string route)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("powell", Powell), ("ridge", Ridge)));
        var body = new BatchBody().Image("powell", Both).Image("ridge", Both).Field("multiple_faces", "match_existing").Field("min_quality", "0");
        if (route == "dry run") body.Field("dry_run", "true");

        var job = route == "batch"
            ? await tenant.Key.PostAsync($"/api/v1/collections/{tenant.Collection}/faces/batch", body.ToContent()).DataAsync()
            : await tenant.EnrolAsync(body);

        Assert.Equal(["replaced", "replaced"], Ends(job));
        Assert.True(LeftOf(job, 0) > 0.6, "Powell is the one on the right.");
        Assert.True(LeftOf(job, 1) < 0.4, "Ridge is the one on the left.");
        var found = await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 3));
        Assert.Equal("powell", found["matches"]![0]!["external_id"]!.GetValue<string>());

        // What the same photograph comes to without it.
        var largest = await tenant.EnrolAsync(new BatchBody().Image("powell", [.. Both, 0]).Field("multiple_faces", "largest").Field("min_quality", "0"));
        Assert.Equal(["IDENTITY_MISMATCH"], Ends(largest));
    }

    [Fact]
    public async Task All_references_of_the_person_count_and_none_that_was_replaced()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["allow_identity_change"] = true, ["min_quality"] = 0 });
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell)));
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("George_W_Bush"))));
        await tenant.EnrolAsync(BatchBody.Of(("p", Ridge)).Field("on_duplicate", "append"));

        var job = await tenant.EnrolAsync(
            new BatchBody().Image("p", Pictures.Beside((Powell, 400), (Assets.Lfw("Tom_Ridge", 2), 250))).Field("multiple_faces", "match_existing").Field("on_duplicate", "append"));

        Assert.Equal(["enrolled"], Ends(job));
        Assert.True(LeftOf(job, 0) > 0.6, "Powell's reference stands no more.");
    }

    [Fact]
    public async Task Whoever_is_not_on_the_photograph_is_guarded_as_ever()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["multiple_faces"] = "match_existing", ["min_quality"] = 0 });
        await tenant.EnrolAsync(BatchBody.Of(("bush", Assets.Lfw("George_W_Bush"))));

        var job = await tenant.EnrolAsync(new BatchBody().Image("bush", Both));

        Assert.Equal(["IDENTITY_MISMATCH"], Ends(job));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Without_a_reference_a_single_face_is_taken_and_of_several_none_and_a_retry_goes_by_what_the_job_enrolled(int atOnce)
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["multiple_faces"] = "match_existing", ["min_quality"] = 0 });

        // The job's own references do not count, also when they are there before the look.
        var job = await tenant.EnrolByHandAsync(host, BatchBody.Of(("p", Powell)).Image("p", Both), atOnce);
        Assert.Equal(["enrolled", "MULTIPLE_FACES"], Ends(job));
        var error = job["results"]![1]!["error"]!;
        Assert.Equal(2, error["details"]!["faces_found"]!.GetValue<int>());
        Assert.Contains("no reference", error["message"]!.GetValue<string>(), StringComparison.Ordinal);

        using var answer = await tenant.Key.PostAsync(
            $"/api/v1/organizations/{tenant.Organization}/batch/{job["job_id"]}/retry",
            new StringContent("""{"on_duplicate": "append"}""", System.Text.Encoding.UTF8, "application/json"));
        await host.WorkAsync();
        var retried = await tenant.PollAsync((await answer.JsonAsync())["data"]!["job_id"]!.GetValue<string>());
        Assert.Equal(["enrolled"], Ends(retried));
        Assert.True(LeftOf(retried, 0) > 0.6);
        Assert.Equal(2, (await tenant.FacesAsync("p")).Count);
    }

    [Fact]
    public async Task A_single_enrolment_chooses_as_well()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        var refused = await EnrolAsync().RefusedAsync(HttpStatusCode.UnprocessableEntity, "MULTIPLE_FACES");
        Assert.Contains("no reference", refused["message"]!.GetValue<string>(), StringComparison.Ordinal);
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell)));
        using var enrolled = await EnrolAsync();

        Assert.Equal(HttpStatusCode.Created, enrolled.StatusCode);
        Assert.True((await enrolled.JsonAsync())["data"]!["bounding_box"]!["x"]!.GetValue<double>() > 0.6);

        Task<HttpResponseMessage> EnrolAsync() => tenant.Key.SendAsync(
            $"collections/{tenant.Collection}/faces", [("image", Both)], ("external_id", "p"), ("multiple_faces", "match_existing"), ("on_duplicate", "replace"), ("min_quality", "0"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task References_that_have_come_between_the_look_and_the_commit_choose_anew(bool stoodBefore)
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["allow_identity_change"] = true, ["min_quality"] = 0 });
        if (stoodBefore) await tenant.EnrolByHandAsync(host, BatchBody.Of(("p", Powell)));
        await tenant.SubmitAsync(BatchBody.Of(("p", Ridge)));
        var job = await tenant.SubmitAsync(new BatchBody().Image("p", Both).Field("multiple_faces", "match_existing").Field("on_duplicate", "append"));
        var items = (await host.Get<WorkQueue>().ClaimAsync("w", 2, handsFree: true, CancellationToken.None)).Items;

        // The later job looks while Powell stands, or nobody; then the earlier one puts Ridge in the place.
        var late = await host.Get<ItemProcessor>().ProcessAsync(items[1], CancellationToken.None);
        var early = await host.Get<ItemProcessor>().ProcessAsync(items[0], CancellationToken.None);
        Assert.Equal(stoodBefore, late is ItemResult.Embedded);
        Assert.Equal([Completion.Committed], await CompleteAsync(host, (items[0], early)));
        Assert.Equal([Completion.NeedsDecoding], await CompleteAsync(host, (items[1], late)));
        await host.WorkAsync();

        var ended = await tenant.PollAsync(job["job_id"]!.GetValue<string>());
        Assert.Equal(["enrolled"], Ends(ended));
        Assert.True(LeftOf(ended, 0) < 0.4, "Ridge is the one on the left.");
        await JobBooks.CheckAsync(host.Get<Database>());
    }

    [Fact]
    public async Task A_reference_that_has_gone_since_the_look_chooses_nobody()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker);
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["min_quality"] = 0 });
        await tenant.EnrolByHandAsync(host, BatchBody.Of(("p", Powell)));
        var job = await tenant.SubmitAsync(new BatchBody().Image("p", Both).Field("multiple_faces", "match_existing"));
        var item = Assert.Single((await host.Get<WorkQueue>().ClaimAsync("w", 1, handsFree: true, CancellationToken.None)).Items);
        var result = await host.Get<ItemProcessor>().ProcessAsync(item, CancellationToken.None);
        var face = Assert.Single(await tenant.FacesAsync("p"))!["face_id"];
        (await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces/{face}")).Dispose();

        Assert.Equal([Completion.NeedsDecoding], await CompleteAsync(host, (item, result)));
        await host.WorkAsync();

        Assert.Equal(["MULTIPLE_FACES"], Ends(await tenant.PollAsync(job["job_id"]!.GetValue<string>())));
    }

    [Theory]
    [InlineData(2, HttpStatusCode.Created)]
    [InlineData(99, HttpStatusCode.ServiceUnavailable)]
    public async Task A_single_enrolment_looks_again_where_the_references_are_others_and_gives_up_in_the_end(int changes, HttpStatusCode answer)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["allow_identity_change"] = true, ["min_quality"] = 0 });
        await tenant.EnrolAsync(BatchBody.Of(("p", Powell)));
        await tenant.EnrolAsync(BatchBody.Of(("p", Ridge)));

        // Whenever the person is locked, the one reference gives way to the other, as if somebody else had been quicker.
        await host.Get<Database>().WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                $"""
                CREATE TABLE change (num INTEGER);
                CREATE TRIGGER rival AFTER UPDATE ON person WHEN (SELECT COUNT(*) FROM change) < {changes} BEGIN
                  INSERT INTO change VALUES (1);
                  UPDATE face SET state = 1 - state, superseded_by = CASE state WHEN 0 THEN 'rival' END WHERE person_num = NEW.num;
                END
                """,
                null,
                tx),
            CancellationToken.None);
        using var enrolled = await tenant.Key.SendAsync(
            $"collections/{tenant.Collection}/faces", [("image", Both)], ("external_id", "p"), ("multiple_faces", "match_existing"), ("on_duplicate", "append"));

        Assert.Equal(answer, enrolled.StatusCode);
        if (answer == HttpStatusCode.Created)
        {
            // Powell when it was first looked at, Ridge from the commit on.
            Assert.True((await enrolled.JsonAsync())["data"]!["bounding_box"]!["x"]!.GetValue<double>() < 0.4, "Ridge is the one on the left.");
            return;
        }

        Assert.Equal("SERVICE_BUSY", await enrolled.ErrorCodeAsync());
        Assert.NotNull(enrolled.Headers.RetryAfter);
        Assert.Equal(2, await host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM face", null, tx), CancellationToken.None));
    }

    private static Task<IReadOnlyList<Completion>> CompleteAsync(TestHost host, (ClaimedItem Item, ItemResult Result) one) =>
        host.Get<WorkQueue>().CompleteAsync([new(one.Item, one.Result)], ModelPack.Standard.Calibration, CancellationToken.None);

    private static IEnumerable<string> Ends(JsonObject job) => job["results"]!.AsArray().Select(item => $"{item!["error"]?["code"] ?? item["outcome"]}");

    private static double LeftOf(JsonObject job, int index) => job["results"]![index]!["bounding_box"]!["x"]!.GetValue<double>();
}
