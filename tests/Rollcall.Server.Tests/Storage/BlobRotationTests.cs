using Dapper;
using Rollcall.Server.Storage;
using static Rollcall.Server.Tests.Storage.EncryptionTests;

namespace Rollcall.Server.Tests.Storage;

/// <summary><c>storage rotate</c> over a data folder as a server has left it.</summary>
public sealed class BlobRotationTests
{
    [Fact]
    public async Task Plain_images_come_under_a_key_then_under_the_next_and_are_plain_again_and_each_time_they_are_what_they_were()
    {
        using var folder = new TestFolder();
        await FillAsync(folder);
        Assert.Equal(["(plain)", "(plain)", "(plain)"], KeysOf(folder));

        Assert.Equal(0, await RotateAsync(folder, Settings("a", ("a", KeyA))));
        Assert.Equal(["a", "a", "a"], KeysOf(folder));
        await AssertReadableAsync(folder, Settings("a", ("a", KeyA)));

        Assert.Equal(0, await RotateAsync(folder, Settings("b", ("a", KeyA), ("b", KeyB))));
        Assert.Equal(["b", "b", "b"], KeysOf(folder));
        await AssertReadableAsync(folder, Settings("b", ("b", KeyB))); // the old key is not needed any more

        Assert.Equal(0, await RotateAsync(folder, Settings(null, ("b", KeyB))));
        Assert.Equal(["(plain)", "(plain)", "(plain)"], KeysOf(folder));
        await AssertReadableAsync(folder, []);
    }

    [Fact]
    public async Task A_run_that_was_interrupted_is_taken_up_by_the_next_and_nothing_is_left_of_the_old_files()
    {
        using var folder = new TestFolder();
        await FillAsync(folder);
        var plain = Files(folder).Select(file => (file, File.ReadAllBytes(file))).ToList();
        Assert.Equal(0, await RotateAsync(folder, Settings("a", ("a", KeyA))));
        await File.WriteAllBytesAsync(plain[0].file, plain[0].Item2); // renamed, and the plain one not deleted yet
        File.Delete(plain[1].file + SealedBlob.Suffix); // not renamed yet
        await File.WriteAllBytesAsync(plain[1].file, plain[1].Item2);
        await File.WriteAllBytesAsync(plain[1].file + SealedBlob.Suffix + FileBlobStore.Partial, [1, 2, 3]);
        await AssertReadableAsync(folder, Settings("a", ("a", KeyA))); // in between as well; the start takes the partial file along

        await File.WriteAllBytesAsync(plain[1].file + SealedBlob.Suffix + FileBlobStore.Partial, [1, 2, 3]);
        Assert.Equal(0, await RotateAsync(folder, Settings("a", ("a", KeyA))));

        Assert.Equal(["a", "a", "a"], KeysOf(folder));
        await AssertReadableAsync(folder, Settings("a", ("a", KeyA)));
    }

    [Theory]
    [InlineData("b"), InlineData(null)]
    public async Task A_run_with_another_key_after_one_that_was_interrupted_leaves_one_file_of_each_image(string? next)
    {
        using var folder = new TestFolder();
        await FillAsync(folder);
        var plain = Files(folder).Select(file => (file, File.ReadAllBytes(file))).ToList();
        Assert.Equal(0, await RotateAsync(folder, Settings("a", ("a", KeyA))));
        foreach (var (file, bytes) in plain) await File.WriteAllBytesAsync(file, bytes); // renamed, and the plain one not deleted yet
        await File.WriteAllBytesAsync(plain[0].file + FileBlobStore.Partial, plain[0].Item2);

        Assert.Equal(0, await RotateAsync(folder, Settings(next, ("a", KeyA), ("b", KeyB))));

        Assert.Equal(Enumerable.Repeat(next ?? "(plain)", 3), KeysOf(folder));
        await AssertReadableAsync(folder, Settings(next, ("b", KeyB)));
    }

    [Fact]
    public async Task While_both_files_of_an_image_are_there_an_erasure_takes_both()
    {
        using var folder = new TestFolder();
        var tenant = await FillAsync(folder);
        var plain = Files(folder).Select(file => (file, File.ReadAllBytes(file))).ToList();
        Assert.Equal(0, await RotateAsync(folder, Settings("a", ("a", KeyA))));
        foreach (var (file, bytes) in plain) await File.WriteAllBytesAsync(file, bytes);

        await using var host = await TestHost.StartAsync(data: folder.Path, args: Settings("a", ("a", KeyA)));
        using var client = host.ClientWith("X-API-Key", tenant.ApiKey);
        (await client.DeleteAsync($"/api/v1/collections/{tenant.Collection}")).EnsureSuccessStatusCode();

        Assert.Empty(Files(folder));
    }

    [Fact]
    public async Task An_image_that_cannot_be_read_stays_as_it_is_the_others_are_done_and_the_old_key_is_still_asked_for()
    {
        using var folder = new TestFolder();
        await FillAsync(folder);
        Assert.Equal(0, await RotateAsync(folder, Settings("a", ("a", KeyA))));
        var damaged = Files(folder)[1];
        var bytes = await File.ReadAllBytesAsync(damaged);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(damaged, bytes);

        Assert.Equal(1, await RotateAsync(folder, Settings("b", ("a", KeyA), ("b", KeyB))));

        Assert.Equal(["a", "b", "b"], KeysOf(folder));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(damaged));
        await Assert.ThrowsAsync<StartupException>(() => TestHost.StartAsync(data: folder.Path, args: Settings("b", ("b", KeyB))));
    }

    [Fact]
    public async Task It_does_not_run_beside_a_server_nor_without_a_data_folder_nor_without_the_keys_that_it_needs()
    {
        using var folder = new TestFolder();
        await FillAsync(folder);
        await using (await TestHost.StartAsync(data: folder.Path)) Assert.Equal(1, await RotateAsync(folder, Settings("a", ("a", KeyA))));
        Assert.Equal(["(plain)", "(plain)", "(plain)"], KeysOf(folder));
        Assert.Equal(0, await RotateAsync(folder, Settings("a", ("a", KeyA))));
        Assert.Equal(1, await RotateAsync(folder, Settings("b", ("b", KeyB))));
        Assert.Equal(1, await RotateAsync(folder, Settings("a", ("a", KeyB))));
        Assert.Equal(["a", "a", "a"], KeysOf(folder));

        Assert.Equal(1, await StorageCommand.RunAsync(["rotate", "--data", Path.Combine(folder.Path, "nowhere")]));
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "nowhere")));
        Assert.Equal(2, await StorageCommand.RunAsync(["turn"]));
        Assert.Equal(0, await StorageCommand.RunAsync(["--help"]));
    }

    /// <summary>Two kept photographs and the upload of a failed item.</summary>
    private static async Task<Tenant> FillAsync(TestFolder folder)
    {
        await using var host = await TestHost.StartAsync(data: folder.Path);
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["keep_images"] = true });
        await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Lfw("Tom_Ridge")), ("rocket", Assets.Sample("nonface/rocket.jpg"))));
        return tenant;
    }

    private static Task<int> RotateAsync(TestFolder folder, string[] settings) => StorageCommand.RunAsync(["rotate", "--data", folder.Path, .. settings]);

    private static string[] Files(TestFolder folder) =>
        [.. Directory.GetFiles(Path.Combine(folder.Path, "blobs"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> KeysOf(TestFolder folder) => Files(folder).Select(KeyOf).Order(StringComparer.Ordinal);

    private static async Task AssertReadableAsync(TestFolder folder, string[] settings)
    {
        await using var host = await TestHost.StartAsync(data: folder.Path, customize: TestHost.WithoutWorker, args: settings);
        var names = await host.Get<Database>().ReadAsync(
            tx => tx.Connection!.QueryAsync<(string ExternalId, string Blob)>(
                "SELECT external_id, image FROM face UNION ALL SELECT external_id, blob FROM job_item WHERE blob IS NOT NULL ORDER BY 1", null, tx),
            CancellationToken.None);
        var photographs = new Dictionary<string, string> { ["p"] = Assets.Lfw("Colin_Powell"), ["q"] = Assets.Lfw("Tom_Ridge"), ["rocket"] = Assets.Sample("nonface/rocket.jpg") };
        Assert.Equal(["p", "q", "rocket"], names.Select(name => name.ExternalId));
        foreach (var (person, blob) in names)
        {
            await using var stream = host.Get<FileBlobStore>().OpenRead(blob);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy);
            Assert.Equal(await File.ReadAllBytesAsync(photographs[person]), copy.ToArray());
        }
    }
}
