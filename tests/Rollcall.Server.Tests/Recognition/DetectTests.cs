using System.Net;
using System.Text.Json.Nodes;
using static Rollcall.Server.Tests.Recognition.ProbeCalls;

namespace Rollcall.Server.Tests.Recognition;

public sealed class DetectTests
{
    [Fact]
    public async Task Every_face_of_a_group_has_its_place_its_landmarks_and_its_quality()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        var answer = await tenant.Key.SendAsync("detect", [File("image", Assets.Sample("group/t1.jpg"))]).DataAsync();

        var faces = answer["faces"]!.AsArray();
        Assert.True(faces.Count >= 2);
        Assert.Equal(faces.Count, answer["faces_found"]!.GetValue<int>());
        foreach (var face in faces)
        {
            var box = face!["bounding_box"]!;
            var (left, top) = (Share(box["x"]), Share(box["y"]));
            Assert.InRange(left + Share(box["width"]), left, 1.00002);
            Assert.InRange(top + Share(box["height"]), top, 1.00002);
            Assert.InRange(Share(face["detection_score"]), 0.85, 1);
            Share(face["quality_score"]);
            Assert.All(face["reasons"]!.AsArray(), reason => Assert.NotEmpty(reason!.GetValue<string>()));

            var marks = face["landmarks"]!.AsObject();
            Assert.Equal(["left_eye", "right_eye", "nose", "left_mouth", "right_mouth"], marks.Select(mark => mark.Key));
            Assert.All(marks, mark => Assert.True(Share(mark.Value!["x"]) >= 0 && Share(mark.Value["y"]) >= 0));
            Assert.True(Share(marks["left_eye"]!["x"]) < Share(marks["right_eye"]!["x"]));
            Assert.True(Share(marks["left_eye"]!["y"]) < Share(marks["left_mouth"]!["y"]));
        }

        static double Share(JsonNode? number)
        {
            var share = number!.GetValue<double>();
            Assert.InRange(share, 0, 1);
            return share;
        }
    }

    [Fact]
    public async Task A_poor_face_is_told_with_what_is_poor_about_it()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        var answer = await tenant.Key.SendAsync("detect", [File("image", Assets.Sample("single/blur.jpg"))]).DataAsync();

        Assert.Contains("blur", answer["faces"]![0]!["reasons"]!.AsArray().Select(reason => reason!.GetValue<string>()));
    }

    [Fact]
    public async Task Nobody_is_an_answer_and_a_picture_that_is_none_is_422()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);

        var empty = await tenant.Key.SendAsync("detect", [File("image", Assets.Sample("nonface/rocket.jpg"))]).DataAsync();
        Assert.Empty(empty["faces"]!.AsArray());
        Assert.Equal(0, empty["faces_found"]!.GetValue<int>());
        foreach (var (bytes, code) in Bad.Unreadable())
            await tenant.Key.SendAsync("detect", [("image", bytes)]).RefusedAsync(HttpStatusCode.UnprocessableEntity, code);
    }

    [Fact]
    public async Task It_takes_one_image_and_nothing_else()
    {
        await using var host = await TestHost.StartAsync();
        var tenant = await Tenant.CreateAsync(host.Address);
        var image = File("image", Assets.Lfw("Tom_Ridge"));

        await tenant.Key.SendAsync("detect", []).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        await tenant.Key.SendAsync("detect", [image, image]).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        await tenant.Key.SendAsync("detect", [image], ("multiple_faces", "reject")).RefusedAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
    }
}
