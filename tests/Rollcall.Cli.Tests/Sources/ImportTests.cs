using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests.Sources;

public sealed class ImportTests(LiveServer server)
{
    [Fact]
    public async Task From_CompreFace_with_its_ids_as_metadata()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        var images = Directory.CreateDirectory(Path.Combine(shell.Folder, "images")).FullName;
        File.Copy(Assets.Lfw("Aaron_Eckhart"), Path.Combine(images, "6b135f5b-a365-4522-b1f1-4c9ac2dd0728.jpg"));

        // Two pages one after the other, as two calls give them.
        await File.WriteAllTextAsync(
            Path.Combine(shell.Folder, "faces.json"),
            """
            {"faces": [{"image_id": "6b135f5b-a365-4522-b1f1-4c9ac2dd0728", "subject": "Aaron"}], "page_number": 0, "page_size": 1, "total_pages": 2, "total_elements": 2}
            {"faces": [{"image_id": "00000000-a365-4522-b1f1-4c9ac2dd0728", "subject": "Nobody"}], "page_number": 1, "page_size": 1, "total_pages": 2, "total_elements": 2}
            """,
            TestContext.Current.CancellationToken);

        var told = await shell.AskAsync("import", "compreface", "faces.json", "--images", "images");

        Assert.Equal((1, 1), (told["outcomes"]!["enrolled"]!.GetValue<int>(), told["failures"]!["FILE_NOT_READABLE"]!.GetValue<int>()));
        var face = Assert.Single(await server.FacesAsync(collection));
        Assert.Equal("Aaron", face["external_id"]!.GetValue<string>());
        Assert.Equal("6b135f5b-a365-4522-b1f1-4c9ac2dd0728", face["metadata"]!["compreface_image_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task From_Rekognition_by_user_or_external_image_id()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        var images = Directory.CreateDirectory(Path.Combine(shell.Folder, "images")).FullName;
        File.Copy(Assets.Lfw("Aaron_Eckhart"), Path.Combine(images, "eckhart.jpg"));
        File.Copy(Assets.Lfw("Aaron_Guiel"), Path.Combine(images, "1efbed86-1111-2222-3333-444444444444.png"));
        await File.WriteAllTextAsync(
            Path.Combine(shell.Folder, "faces.json"),
            """
            {"Faces": [
              {"FaceId": "f-1", "ImageId": "i-1", "ExternalImageId": "eckhart.jpg", "Confidence": 99.9, "BoundingBox": {"Width": 0.1, "Height": 0.1, "Left": 0.1, "Top": 0.1}},
              {"FaceId": "f-2", "ImageId": "1efbed86-1111-2222-3333-444444444444", "UserId": "guiel", "Confidence": 99.9},
              {"FaceId": "f-3", "ImageId": "i-3", "Confidence": 99.9}], "FaceModelVersion": "7.0"}
            """,
            TestContext.Current.CancellationToken);

        var told = await shell.AskAsync("import", "rekognition", "faces.json", "--images", "images");

        Assert.Equal((2, 1), (told["outcomes"]!["enrolled"]!.GetValue<int>(), told["failures"]!["NO_EXTERNAL_ID"]!.GetValue<int>()));
        var faces = (await server.FacesAsync(collection)).ToDictionary(face => face["external_id"]!.GetValue<string>());
        Assert.Equal(["eckhart", "guiel"], faces.Keys.Order());
        Assert.Equal("f-2", faces["guiel"]["metadata"]!["rekognition_face_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_photograph_that_may_be_anothers_is_nobodys()
    {
        var collection = await server.CollectionAsync();
        using var shell = new Shell(server, collection);
        foreach (var (photograph, name) in ((string, string)[])[("Aaron_Eckhart", "john.jpg"), ("Aaron_Guiel", "a/mary.jpg"), ("Aaron_Pena", "b/mary.jpg"), ("Aaron_Tippin", "party.jpg"), ("Abdullah_Gul", "own.jpg")])
        {
            var path = Path.Combine(shell.Folder, "images", name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Copy(Assets.Lfw(photograph), path);
        }

        // A name with a full stop in it, one name in two folders, and a photograph of a group.
        await File.WriteAllTextAsync(
            Path.Combine(shell.Folder, "faces.json"),
            """
            {"Faces": [
              {"FaceId": "f-1", "ImageId": "i-1", "ExternalImageId": "john.smith"},
              {"FaceId": "f-2", "ImageId": "i-2", "ExternalImageId": "mary"},
              {"FaceId": "f-3", "ImageId": "i-3", "ExternalImageId": "party.jpg", "UserId": "anna"},
              {"FaceId": "f-4", "ImageId": "i-3", "ExternalImageId": "party.jpg", "UserId": "bert"},
              {"FaceId": "f-5", "ImageId": "i-5", "ExternalImageId": "own.jpeg"}]}
            """,
            TestContext.Current.CancellationToken);

        var told = await shell.AskAsync("import", "rekognition", "faces.json", "--images", "images", "--report", "report.csv");

        Assert.Equal((1, 3), (told["failures"]!["FILE_NOT_READABLE"]!.GetValue<int>(), told["failures"]!["AMBIGUOUS_PHOTOGRAPH"]!.GetValue<int>()));
        Assert.Equal("own", Assert.Single(await server.FacesAsync(collection))["external_id"]!.GetValue<string>());
        var report = await File.ReadAllTextAsync(Path.Combine(shell.Folder, "report.csv"), TestContext.Current.CancellationToken);
        Assert.Contains("several people", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_list_of_faces_is_told()
    {
        using var shell = new Shell(server, await server.CollectionAsync());
        Directory.CreateDirectory(Path.Combine(shell.Folder, "images"));
        await File.WriteAllTextAsync(Path.Combine(shell.Folder, "faces.json"), "[1, 2", TestContext.Current.CancellationToken);

        var ended = await shell.RunAsync("import", "compreface", "faces.json", "--images", "images");

        Assert.Equal(ExitCode.Usage, ended.Code);
        Assert.Contains("faces.json", ended.Error, StringComparison.Ordinal);
    }
}
