using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Rollcall.Server.Storage;
using static Rollcall.Server.Tests.Recognition.ProbeCalls;

namespace Rollcall.Server.Tests.Recognition;

public sealed class VerifyTests
{
    [Fact]
    public async Task A_person_is_verified_by_the_best_of_their_references_and_a_face_by_itself()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = await tenant.EnrolAsync(BatchBody.Of(
            ("powell", Assets.Lfw("Colin_Powell", 1)), ("powell", Assets.Lfw("Colin_Powell", 2)), ("ridge", Assets.Lfw("Tom_Ridge"))));
        var (first, second) = (FaceOf(job, 0), FaceOf(job, 1));

        var same = await VerifyAsync(tenant, Assets.Lfw("Colin_Powell", 2), ("external_id", "powell"));
        Assert.True(same["verified"]!.GetValue<bool>());
        Assert.Equal((second, "powell"), (same["face_id"]!.GetValue<string>(), same["external_id"]!.GetValue<string>()));
        Assert.InRange(same["similarity"]!.GetValue<double>(), 0.9999, 1);
        Assert.InRange(same["cosine"]!.GetValue<double>(), 0.9999, 1);
        Assert.Equal(0.5, same["threshold"]!.GetValue<double>());
        Assert.Equal(1, same["faces_found"]!.GetValue<int>());

        var other = await VerifyAsync(tenant, Assets.Lfw("Colin_Powell", 2), ("face_id", first));
        Assert.Equal((first, true), (other["face_id"]!.GetValue<string>(), other["verified"]!.GetValue<bool>()));
        Assert.InRange(other["similarity"]!.GetValue<double>(), 0.5, 0.999);

        foreach (var claim in new[] { ("external_id", "ridge"), ("face_id", FaceOf(job, 2)) })
        {
            var impostor = await VerifyAsync(tenant, Assets.Lfw("Colin_Powell", 3), claim);
            Assert.Equal((false, "ridge"), (impostor["verified"]!.GetValue<bool>(), impostor["external_id"]!.GetValue<string>()));
            Assert.InRange(impostor["similarity"]!.GetValue<double>(), 0, 0.5);
        }
    }

    [Fact]
    public async Task The_threshold_decides_from_the_very_similarity_that_is_answered()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await tenant.EnrolAsync(BatchBody.Of(("powell", Assets.Lfw("Colin_Powell", 1)), ("ridge", Assets.Lfw("Tom_Ridge"))));

        var similarity = (await VerifyAsync(tenant, Assets.Lfw("Colin_Powell", 2), ("external_id", "powell")))["similarity"]!;
        Assert.True(await IsVerifiedAsync(2, "powell", similarity.ToJsonString()));
        Assert.False(await IsVerifiedAsync(2, "powell", (similarity.GetValue<double>() + 0.0001).ToString("0.####", provider: null)));
        Assert.True(await IsVerifiedAsync(2, "ridge", "0"));
        Assert.True(await IsVerifiedAsync(1, "powell", "1"));

        async Task<bool> IsVerifiedAsync(int photograph, string person, string threshold)
        {
            var answer = await VerifyAsync(tenant, Assets.Lfw("Colin_Powell", photograph), ("external_id", person), ("threshold", threshold));
            Assert.Equal(double.Parse(threshold, provider: null), answer["threshold"]!.GetValue<double>());
            return answer["verified"]!.GetValue<bool>();
        }
    }

    [Fact]
    public async Task Who_is_not_enrolled_here_is_404_be_they_unknown_replaced_of_another_collection_or_of_another_tenant()
    {
        await using var host = await TestHost.StartAsync();
        var (one, other) = (await Tenant.CreateAsync(host.Address), await Tenant.CreateAsync(host.Address));
        var old = FaceOf(await one.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 1)))), 0);
        await one.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell", 2))));
        var foreign = FaceOf(await other.EnrolAsync(BatchBody.Of(("q", Assets.Lfw("Colin_Powell", 1)))), 0);
        var second = await one.CreateCollectionAsync();

        foreach (var claim in new[]
        {
            ("external_id", "nobody"), ("external_id", "P"), ("external_id", "p "), ("external_id", "q"),
            ("face_id", "face_0"), ("face_id", "garbage'--"), ("face_id", ""), ("face_id", old), ("face_id", foreign),
        })
        {
            await PostAsync(one, one.Collection, claim).RefusedAsync(HttpStatusCode.NotFound, "FACE_NOT_FOUND");
        }

        await PostAsync(one, second, ("external_id", "p")).RefusedAsync(HttpStatusCode.NotFound, "FACE_NOT_FOUND");
        await PostAsync(one, other.Collection, ("external_id", "q")).RefusedAsync(HttpStatusCode.NotFound, "COLLECTION_NOT_FOUND");
        await PostAsync(one, "col_0", ("external_id", "q")).RefusedAsync(HttpStatusCode.NotFound, "COLLECTION_NOT_FOUND");
    }

    [Theory]
    [InlineData("")]
    [InlineData("external_id=p&face_id=face_1")]
    [InlineData("external_id=p&external_id=p")]
    [InlineData("external_id=")]
    [InlineData("external_id=a\nb")]
    [InlineData("external_id=p&threshold=1.1")]
    [InlineData("external_id=p&threshold=-0.1")]
    [InlineData("external_id=p&threshold=")]
    [InlineData("external_id=p&multiple_faces=match_existing")]
    [InlineData("external_id=p&multiple_faces=all")]
    [InlineData("external_id=p&colour=blue")]
    public async Task A_question_that_is_wrong_is_refused(string fields)
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var parts = fields.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(field => (field.Split('=')[0], field.Split('=')[1]));

        await PostAsync(tenant, tenant.Collection, [.. parts]).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
    }

    [Fact]
    public async Task It_takes_one_image_and_says_what_is_wrong_with_it()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var route = $"collections/{tenant.Collection}/verify";
        var who = ("external_id", "p");
        var image = File("image", Assets.Lfw("Tom_Ridge"));

        await tenant.Key.SendAsync(route, [image, image], who).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        await tenant.Key.SendAsync(route, [], who).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        await tenant.Key.PostAsJsonAsync($"/api/v1/{route}", new JsonObject()).RefusedAsync(HttpStatusCode.UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE");
        foreach (var (bytes, code) in Bad.Images())
            Assert.Null((await tenant.Key.SendAsync(route, [("image", bytes)], who).RefusedAsync(HttpStatusCode.UnprocessableEntity, code))["details"]);

        var group = File("image", Assets.Sample("group/t1.jpg"));
        var many = await tenant.Key.SendAsync(route, [group], who, ("multiple_faces", "reject")).RefusedAsync(HttpStatusCode.UnprocessableEntity, "MULTIPLE_FACES");
        Assert.True(many["details"]!["faces_found"]!.GetValue<int>() > 1);
        await tenant.Key.SendAsync(route, [group], who, ("multiple_faces", "largest")).RefusedAsync(HttpStatusCode.NotFound, "FACE_NOT_FOUND");
    }

    [Fact]
    public async Task Vectors_of_another_model_are_never_compared()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        await host.Get<Database>().WriteAsync(tx => tx.Connection!.ExecuteAsync("UPDATE collection SET model = 'other'", null, tx), CancellationToken.None);

        await PostAsync(tenant, tenant.Collection, ("external_id", "p")).RefusedAsync(HttpStatusCode.Conflict, "MODEL_MISMATCH");
    }

    private static string FaceOf(JsonObject job, int index) => job["results"]![index]!["face_id"]!.GetValue<string>();

    private static Task<JsonObject> VerifyAsync(Tenant tenant, string image, params (string Name, string Value)[] fields) =>
        tenant.Key.SendAsync($"collections/{tenant.Collection}/verify", [File("image", image)], fields).DataAsync();

    private static Task<HttpResponseMessage> PostAsync(Tenant tenant, string collection, params (string Name, string Value)[] fields) =>
        tenant.Key.SendAsync($"collections/{collection}/verify", [File("image", Assets.Lfw("Colin_Powell", 1))], fields);
}
