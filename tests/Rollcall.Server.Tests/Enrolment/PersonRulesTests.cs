using Dapper;
using Rollcall.Client.Contracts;
using Rollcall.Server.Enrolment;

namespace Rollcall.Server.Tests.Enrolment;

/// <summary>The contract's rules for one external id, over the real queue and tables.</summary>
public sealed class PersonRulesTests
{
    [Fact]
    public async Task All_images_of_a_person_in_a_job_are_references_and_replace_what_stood_before_it()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p", "p"], image: "old");

        var outcomes = await EnrolAsync(f, collection, ["p", "p", "p"], image: "new");

        Assert.Equal(["replaced", "replaced", "replaced"], outcomes);
        Assert.Equal(3, await StandingAsync(f));
        Assert.Equal((3, 1), await CountsAsync(f));
    }

    [Fact]
    public async Task Before_its_first_success_for_a_person_a_job_changes_nothing()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p"], image: "old");
        await f.SubmitAsync(collection, ["p", "p"], image: "new");
        var items = await f.ClaimAsync();

        await f.CompleteAsync(items[0], new ItemResult.Failed(ErrorCodes.FaceNotDetected, ""));
        Assert.Equal(1, await StandingAsync(f));
        Assert.Equal(0, await f.ScalarAsync<long>("SELECT COUNT(*) FROM face WHERE state = 1"));

        await f.CompleteAsync(items[1]);
        Assert.Equal(1, await StandingAsync(f));
        Assert.Equal(1, await f.ScalarAsync<long>("SELECT COUNT(*) FROM face WHERE state = 1"));
    }

    [Fact]
    public async Task The_very_same_image_is_unchanged_and_stands_while_the_others_are_replaced()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p", "p"]); // image0, image1

        var outcomes = await EnrolAsync(f, collection, ["p"]); // image0

        Assert.Equal(["unchanged"], outcomes);
        Assert.Equal(1, await StandingAsync(f));
        Assert.Equal(0, await f.ScalarAsync<long>("SELECT item_index FROM face WHERE state = 0"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_new_image_and_the_same_old_one_in_a_job_both_stand_whichever_comes_first(bool newFirst)
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p"]); // image0
        var job = await f.SubmitAsync(collection, ["p", "p"]); // image0, image1
        var items = await f.ClaimAsync();

        foreach (var item in newFirst ? items.Reverse() : items) await f.CompleteAsync(item);

        Assert.Equal(2, await StandingAsync(f));
        Assert.Equal(0, await f.ScalarAsync<long>("SELECT COUNT(*) FROM face WHERE state = 1"));
        Assert.Equal([ItemOutcome.Unchanged, ItemOutcome.Enrolled], (await f.JobAsync(job))!.Results!.Select(item => item.Outcome));
        Assert.Equal((2, 1), await CountsAsync(f));
    }

    [Fact]
    public async Task The_same_image_twice_in_a_job_is_one_reference()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await f.SubmitAsync(collection, ["p"]);
        await f.SubmitAsync(collection, ["p"]);
        var items = await f.ClaimAsync();

        var answers = await f.CompleteAsync([.. items.Select(item => (item, (ItemResult)QueueFixture.Face()))]);

        Assert.Equal([Completion.Committed, Completion.Committed], answers);
        Assert.Equal(1, await f.ScalarAsync<long>("SELECT COUNT(*) FROM face"));
    }

    [Fact]
    public async Task Of_two_jobs_the_later_accepted_wins_whichever_ends_first()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        var early = await f.SubmitAsync(collection, ["p"], image: "early");
        var late = await f.SubmitAsync(collection, ["p"], image: "late");
        var items = await f.ClaimAsync();

        await f.CompleteAsync(items.Single(item => item.JobId == late));
        await f.CompleteAsync(items.Single(item => item.JobId == early));

        var skipped = Assert.Single((await f.JobAsync(early))!.Results!);
        Assert.Equal(ItemOutcome.Skipped, skipped.Outcome);
        Assert.True(skipped.Success);
        Assert.Equal((await f.JobAsync(late))!.Results![0].FaceId, skipped.FaceId);
        Assert.Equal(1, await StandingAsync(f));
    }

    [Fact]
    public async Task Reject_refuses_who_stands_already_and_takes_several_images_of_who_does_not()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p"], image: "old");

        var outcomes = await EnrolAsync(f, collection, ["p", "q", "q"], OnDuplicate.Reject, "new");

        Assert.Equal([ErrorCodes.DuplicateExternalId, "enrolled", "enrolled"], outcomes);
        Assert.Equal((3, 2), await CountsAsync(f));
    }

    [Fact]
    public async Task Skip_leaves_who_stands_and_takes_several_images_of_who_does_not()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p"], image: "old");

        Assert.Equal(["skipped", "enrolled", "enrolled"], await EnrolAsync(f, collection, ["p", "q", "q"], OnDuplicate.Skip, "new"));

        Assert.Equal((3, 2), await CountsAsync(f));
    }

    [Theory]
    [InlineData(OnDuplicate.Skip, false)]
    [InlineData(OnDuplicate.Skip, true)]
    [InlineData(OnDuplicate.Reject, false)]
    [InlineData(OnDuplicate.Reject, true)]
    public async Task A_reference_that_the_job_confirms_is_its_own_whichever_item_comes_first(OnDuplicate mode, bool reversed)
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p"]); // image0
        var job = await f.SubmitAsync(collection, ["p", "p"], mode); // image0, image1
        var items = await f.ClaimAsync();

        foreach (var item in reversed ? items.Reverse() : items) await f.CompleteAsync(item);

        Assert.Equal(["unchanged", "enrolled"], await OutcomesAsync(f, job));
    }

    [Theory]
    [InlineData(OnDuplicate.Skip, "skipped")]
    [InlineData(OnDuplicate.Reject, ErrorCodes.DuplicateExternalId)]
    public async Task What_stands_decides_without_a_look_at_the_picture(OnDuplicate mode, string outcome)
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p"], image: "old");
        var job = await f.SubmitAsync(collection, ["p"], mode, image: "new");

        await f.CompleteAsync(Assert.Single(await f.ClaimAsync()), new ItemResult.NotDecoded());

        Assert.Equal([outcome], await OutcomesAsync(f, job));
    }

    [Theory]
    [InlineData(OnDuplicate.Skip)]
    [InlineData(OnDuplicate.Reject)]
    [InlineData(OnDuplicate.Append)]
    public async Task A_mode_that_replaces_nobody_supersedes_nothing_not_even_until_the_job_confirms_it(OnDuplicate mode)
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p"]); // image0
        await f.SubmitAsync(collection, ["p", "p"], mode); // image0, image1
        var items = await f.ClaimAsync();

        await f.CompleteAsync(items[1]);

        Assert.Equal(2, await StandingAsync(f));
    }

    [Fact]
    public async Task What_the_picture_would_not_do_gives_way_to_what_stands_by_the_time_of_the_commit()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        var same = await f.SubmitAsync(collection, ["p"]); // image0
        var early = await f.SubmitAsync(collection, ["q"], image: "early");
        var rejected = await f.SubmitAsync(collection, ["r"], OnDuplicate.Reject, image: "rejected");
        var late = await f.SubmitAsync(collection, ["p", "q", "stranger"]); // image0 …
        var items = await f.ClaimAsync();
        var poor = new ItemResult.Failed(ErrorCodes.FaceQualityTooLow, "") { IsOfPicture = true };

        foreach (var item in items.Where(item => item.JobId == late)) await f.CompleteAsync(item, item.ExternalId == "stranger" ? poor : null);
        foreach (var item in items.Where(item => item.JobId != late)) await f.CompleteAsync(item, poor);

        Assert.Equal(["unchanged"], await OutcomesAsync(f, same));
        Assert.Equal(["skipped"], await OutcomesAsync(f, early));
        Assert.Equal([ErrorCodes.FaceQualityTooLow], await OutcomesAsync(f, rejected));
        Assert.Equal(ErrorCodes.FaceQualityTooLow, (await OutcomesAsync(f, late))[2]);
        Assert.Equal("p,q", await f.ScalarAsync<string>("SELECT group_concat(external_id) FROM (SELECT external_id FROM person ORDER BY external_id)"));
    }

    [Fact]
    public async Task The_very_same_image_needs_no_look_also_when_the_job_itself_has_just_superseded_it()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p"]); // image0
        var job = await f.SubmitAsync(collection, ["p", "p"]); // image0, image1
        var items = await f.ClaimAsync();

        await f.CompleteAsync(items[1]);

        Assert.True(await f.Queue.IsDecidedAsync(items[0], CancellationToken.None));
        Assert.Equal(Completion.Committed, await f.CompleteAsync(items[0], new ItemResult.NotDecoded()));
        Assert.Equal(["unchanged", "enrolled"], await OutcomesAsync(f, job));
    }

    [Fact]
    public async Task A_reference_that_a_job_confirmed_behind_a_later_one_is_that_jobs_when_the_later_ones_is_gone()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        var first = await f.SubmitAsync(collection, ["p", "p"]); // image0, image1
        var second = await f.SubmitAsync(collection, ["p"]); // image0
        var third = await f.SubmitAsync(collection, ["p"], OnDuplicate.Append, image: "third");
        var items = await f.ClaimAsync();
        await f.CompleteAsync(items.Single(item => item.JobId == first && item.ItemIndex == 0));
        await f.CompleteAsync(items.Single(item => item.JobId == third));

        await f.CompleteAsync(items.Single(item => item.JobId == second));
        await f.Database.WriteAsync(tx => tx.Connection!.ExecuteAsync("DELETE FROM face WHERE job_id = @third", new { third }, tx), CancellationToken.None);
        await f.CompleteAsync(items.Single(item => item.JobId == first && item.ItemIndex == 1));

        Assert.Equal(["unchanged"], await OutcomesAsync(f, second));
        Assert.Equal(["enrolled", "skipped"], await OutcomesAsync(f, first));
    }

    [Fact]
    public async Task Append_adds_to_what_stands_up_to_a_hundred_references()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, [.. Enumerable.Repeat("p", 99)], image: "old");

        var outcomes = await EnrolAsync(f, collection, ["p", "p"], OnDuplicate.Append, "new");

        Assert.Equal(["enrolled", ErrorCodes.TooManyReferences], outcomes);
        Assert.Equal((100, 1), await CountsAsync(f));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Only_what_is_better_than_the_best_that_stood_replaces_it_whichever_comes_first(bool reversed)
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await f.SubmitAsync(collection, ["p", "p"], image: "old");
        var old = await f.ClaimAsync();
        await f.CompleteAsync(old[0], QueueFixture.Face(quality: 0.5));
        await f.CompleteAsync(old[1], QueueFixture.Face(quality: 0.7));
        var job = await f.SubmitAsync(collection, ["p", "p", "p"], OnDuplicate.ReplaceIfBetter, image: "new");
        (ClaimedItem, ItemResult)[] group = [.. (await f.ClaimAsync()).Zip([0.6, 0.9, 0.7], (item, quality) => (item, (ItemResult)QueueFixture.Face(quality: quality)))];

        foreach (var one in reversed ? group.Reverse() : group) await f.CompleteAsync(one);

        Assert.Equal(["kept", "replaced", "kept"], await OutcomesAsync(f, job));
        Assert.Equal([0.6, 0.9, 0.7], (await f.JobAsync(job))!.Results!.Select(item => item.QualityScore));
        Assert.All((await f.JobAsync(job))!.Results!, item => Assert.Equal(0.7, item.ExistingQualityScore));
        Assert.Equal((1, 1), await CountsAsync(f));
        Assert.Equal(0.9, await f.ScalarAsync<double>("SELECT quality_score FROM face WHERE state = 0"));
    }

    [Fact]
    public async Task Kept_changes_nothing_and_names_the_best_that_stands()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        var first = await f.SubmitAsync(collection, ["p"], image: "old");
        await f.CompleteAsync(Assert.Single(await f.ClaimAsync()));

        var job = await f.SubmitAsync(collection, ["p"], OnDuplicate.ReplaceIfBetter, image: "new");
        await f.CompleteAsync(Assert.Single(await f.ClaimAsync()), QueueFixture.Face(quality: 0.3));

        Assert.Equal((await f.JobAsync(first))!.Results![0].FaceId, (await f.JobAsync(job))!.Results![0].FaceId);
        Assert.Equal(1, await f.ScalarAsync<long>("SELECT change_seq FROM collection"));
    }

    [Theory]
    [InlineData(OnDuplicate.ReplaceIfBetter)]
    [InlineData(OnDuplicate.Append)]
    public async Task The_guard_holds_for_the_other_modes_that_add_to_a_person(OnDuplicate mode)
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p"], image: "old");
        var job = await f.SubmitAsync(collection, ["p"], mode, image: "new");

        await f.CompleteAsync(Assert.Single(await f.ClaimAsync()), QueueFixture.Face(who: 1, quality: 0.99));

        Assert.Equal([ErrorCodes.IdentityMismatch], await OutcomesAsync(f, job));
    }

    [Fact]
    public async Task A_face_unlike_the_person_before_the_job_is_refused_also_after_the_job_has_replaced_them()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p"], image: "old");
        var job = await f.SubmitAsync(collection, ["p", "p"], image: "new");
        var items = await f.ClaimAsync();

        await f.CompleteAsync(items[0], QueueFixture.Face(who: 0));
        await f.CompleteAsync(items[1], QueueFixture.Face(who: 1));

        var refused = (await f.JobAsync(job))!.Results![1];
        Assert.Equal(ErrorCodes.IdentityMismatch, refused.Error!.Code);
        Assert.InRange(refused.Error.Details!["similarity"]!.GetValue<double>(), 0, 0.3);
        Assert.Equal(1, await StandingAsync(f));
    }

    [Fact]
    public async Task A_face_unlike_a_reference_that_the_job_confirmed_is_refused_too()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p"]); // image0
        var job = await f.SubmitAsync(collection, ["p", "p"]); // image0, image1
        var items = await f.ClaimAsync();

        await f.CompleteAsync(items[0]);
        await f.CompleteAsync(items[1], QueueFixture.Face(who: 1));

        Assert.Equal(ErrorCodes.IdentityMismatch, (await f.JobAsync(job))!.Results![1].Error!.Code);
    }

    [Fact]
    public async Task External_ids_that_differ_in_case_space_or_composition_are_different_people()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();

        await EnrolAsync(f, collection, ["é", "e\u0301", "E\u0301", " é", "é "]);

        Assert.Equal((5, 5), await CountsAsync(f));
    }

    [Fact]
    public async Task What_was_taken_for_unchanged_and_was_replaced_meanwhile_goes_back_to_be_decoded()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p"], image: "old");
        await EnrolAsync(f, collection, ["p"], image: "new");
        var job = await f.SubmitAsync(collection, ["p"], image: "old");
        var item = Assert.Single(await f.ClaimAsync());

        Assert.Equal(Completion.NeedsDecoding, await f.CompleteAsync(item, new ItemResult.NotDecoded()));
        Assert.Equal(0, (await f.JobAsync(job))!.Processed);
        Assert.Equal(Completion.LeaseLost, await f.CompleteAsync(item));

        Assert.Equal(Completion.Committed, await f.CompleteAsync(Assert.Single(await f.ClaimAsync())));
        Assert.Equal(ItemOutcome.Replaced, (await f.JobAsync(job))!.Results![0].Outcome);
    }

    [Fact]
    public async Task Change_numbers_are_dense_and_tell_of_every_reference_that_search_must_know_of()
    {
        await using var f = new QueueFixture();
        var collection = await f.CollectionAsync();
        await EnrolAsync(f, collection, ["p", "q"], image: "old");
        await EnrolAsync(f, collection, ["p"], image: "new");

        Assert.Equal(4, await f.ScalarAsync<long>("SELECT change_seq FROM collection"));
        Assert.Equal("2,3,4", await f.ScalarAsync<string>("SELECT group_concat(change_seq) FROM (SELECT change_seq FROM face ORDER BY change_seq)"));

        await EnrolAsync(f, collection, ["p"], image: "new"); // a confirmation is no news for search
        Assert.Equal(4, await f.ScalarAsync<long>("SELECT change_seq FROM collection"));
    }

    private static async Task<IReadOnlyList<string>> EnrolAsync(
        QueueFixture f, string collection, IReadOnlyList<string> externalIds, OnDuplicate mode = OnDuplicate.Replace, string image = "image")
    {
        var job = await f.SubmitAsync(collection, externalIds, mode, image: image);
        foreach (var item in await f.ClaimAsync()) Assert.Equal(Completion.Committed, await f.CompleteAsync(item));
        return await OutcomesAsync(f, job);
    }

    private static async Task<IReadOnlyList<string>> OutcomesAsync(QueueFixture f, string job) =>
        [.. (await f.JobAsync(job))!.Results!.Select(item => item.Error?.Code ?? WireName.Of(item.Outcome))];

    private static Task<long> StandingAsync(QueueFixture f) => f.ScalarAsync<long>("SELECT COUNT(*) FROM face WHERE state = 0");

    private static async Task<(long Faces, long Persons)> CountsAsync(QueueFixture f) =>
        (await f.ScalarAsync<long>("SELECT SUM(face_count) FROM collection"), await f.ScalarAsync<long>("SELECT SUM(person_count) FROM collection"));
}
