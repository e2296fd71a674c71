using System.Net;
using System.Security.Cryptography;
using Dapper;
using Microsoft.Extensions.Options;
using Rollcall.Server.Storage;
using static Rollcall.Server.Tests.OpenApi.Calls;

namespace Rollcall.Server.Tests.Storage;

/// <summary>Images that are encrypted where they lie (docs/adr/0020).</summary>
public sealed class EncryptionTests
{
    public static readonly string KeyA = Convert.ToBase64String(SHA256.HashData("a"u8));
    public static readonly string KeyB = Convert.ToBase64String(SHA256.HashData("b"u8));

    [Fact]
    public async Task Images_lie_encrypted_and_all_else_is_as_without()
    {
        await using var host = await TestHost.StartAsync(args: Settings("a", ("a", KeyA)));
        var tenant = await Tenant.CreateAsync(host.Address, new() { ["keep_images"] = true });
        var (face, rocket) = (Assets.Lfw("Colin_Powell"), Assets.Sample("nonface/rocket.jpg"));
        var job = await tenant.EnrolAsync(BatchBody.Of(("p", face), ("rocket", rocket)));

        Assert.Equal("enrolled", job["results"]![0]!["outcome"]!.GetValue<string>());
        Assert.Equal(2, Files(host.Data, SealedBlob.Suffix).Length);
        Assert.Equal(2, Files(host.Data, "").Length);
        foreach (var photograph in new[] { face, rocket })
        {
            var bytes = await File.ReadAllBytesAsync(photograph);
            for (var at = 0; at + 32 <= bytes.Length; at += 997) Assert.False(DataFiles.Contain(Path.Combine(host.Data, "blobs"), bytes[at..(at + 32)]));
        }

        var image = await ScalarAsync<string>(host, "SELECT image FROM face");
        Assert.Equal(await File.ReadAllBytesAsync(face), await ReadAsync(host.Get<FileBlobStore>(), image));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(face))), Assert.Single(await tenant.FacesAsync("p"))!["image_sha256"]!.GetValue<string>());
        Assert.Equal(new FileInfo(face).Length + new FileInfo(rocket).Length, await ScalarAsync<long>(host, "SELECT SUM(stored_bytes) FROM organization"));
        Assert.Equal("unchanged", (await tenant.EnrolAsync(BatchBody.Of(("p", face))))["results"]![0]!["outcome"]!.GetValue<string>());

        using var retried = await tenant.Key.PostAsync($"/api/v1/organizations/{tenant.Organization}/batch/{job["job_id"]}/retry", null);
        var again = await tenant.EndOfAsync((await retried.JsonAsync())["data"]!["job_id"]!.GetValue<string>());
        Assert.Equal("FACE_NOT_DETECTED", again["results"]![0]!["error"]!["code"]!.GetValue<string>());
        foreach (var person in new[] { "p", "rocket" }) (await tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id={person}")).Dispose();
        Assert.Empty(Files(host.Data, ""));
    }

    [Fact]
    public async Task What_was_written_before_stays_readable_and_what_comes_is_under_the_active_key()
    {
        using var folder = new TestFolder();
        string organization, key, job;
        await using (var host = await TestHost.StartAsync(data: folder.Path))
        {
            var tenant = await Tenant.CreateAsync(host.Address);
            job = (await tenant.EnrolAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell"))).Field("min_quality", "1")))["job_id"]!.GetValue<string>();
            (organization, key) = (tenant.Organization, tenant.ApiKey);
        }

        foreach (var (active, keys) in new (string, (string, string)[])[] { ("a", [("a", KeyA)]), ("b", [("a", KeyA), ("b", KeyB)]) })
        {
            await using var host = await TestHost.StartAsync(data: folder.Path, customize: TestHost.WithoutWorker, args: Settings(active, keys));
            using var client = host.ClientWith("X-API-Key", key);
            var collection = await ScalarAsync<string>(host, "SELECT id FROM collection");
            using var submitted = await client.PostAsync($"/api/v1/collections/{collection}/faces/batch-async", BatchBody.Of(($"of-{active}", Assets.Lfw("Tom_Ridge"))).Field("min_quality", "1").ToContent());
            Assert.Equal(HttpStatusCode.Accepted, submitted.StatusCode);
        }

        Assert.Equal(["(plain)", "a", "b"], Directory.GetFiles(Path.Combine(folder.Path, "blobs"), "*", SearchOption.AllDirectories).Select(KeyOf).Order(StringComparer.Ordinal));
        await using var last = await TestHost.StartAsync(data: folder.Path, args: Settings("b", ("a", KeyA), ("b", KeyB)));
        using var reader = last.ClientWith("X-API-Key", key);
        using var retried = await reader.PostAsync($"/api/v1/organizations/{organization}/batch/{job}/retry", JsonBody("""{"min_quality": 0.1}"""));
        Assert.Equal(HttpStatusCode.Accepted, retried.StatusCode);
        await Eventually.TrueAsync(async () => await ScalarAsync<long>(last, "SELECT COUNT(*) FROM work") == 0);
        Assert.Equal(1, await ScalarAsync<long>(last, "SELECT COUNT(*) FROM face WHERE external_id = 'p'")); // read from before there was a key
        Assert.Equal(2, await ScalarAsync<long>(last, "SELECT COUNT(*) FROM job_item WHERE external_id LIKE 'of-%' AND error_code = 'FACE_QUALITY_TOO_LOW'"));
    }

    [Theory]
    [InlineData(0), InlineData(1), InlineData(65_535), InlineData(65_536), InlineData(65_537), InlineData(131_072), InlineData(300_001)]
    public async Task An_image_of_any_size_comes_back_as_it_was(int length)
    {
        using var store = new Store(("a", KeyA));
        var bytes = Bytes(length);

        var stored = await store.PutAsync("000", bytes);

        Assert.Equal((length, Convert.ToHexStringLower(SHA256.HashData(bytes))), ((int)stored.Bytes, stored.Sha256));
        Assert.Equal(bytes, await ReadAsync(store.Blobs, "g/000"));
        Assert.InRange(new FileInfo(store.PathOf("000")).Length, length + 16, length + 40 + (16 * ((length / SealedBlob.ChunkBytes) + 1)));
        await using var exactly = store.Blobs.OpenRead("g/000"); // as a worker reads it, which never comes to the end
        var read = new byte[length];
        await exactly.ReadExactlyAsync(read);
        Assert.Equal(bytes, read);
        using var once = new MemoryStream();
        await using (var whole = store.Blobs.OpenRead("g/000")) whole.CopyTo(once);
        Assert.Equal(bytes, once.ToArray());
    }

    [Fact]
    public async Task The_same_image_twice_is_not_the_same_file()
    {
        using var store = new Store(("a", KeyA));
        await store.PutAsync("000", Bytes(1000));
        await store.PutAsync("001", Bytes(1000));

        var (one, other) = (await File.ReadAllBytesAsync(store.PathOf("000")), await File.ReadAllBytesAsync(store.PathOf("001")));
        Assert.False(one.AsSpan(40, 900).SequenceEqual(other.AsSpan(40, 900)));
    }

    [Fact]
    public async Task Whatever_is_changed_cut_off_added_moved_or_exchanged_is_noticed_and_gives_no_bytes_of_it()
    {
        using var store = new Store(("a", KeyA));
        var bytes = Bytes(200_000); // four chunks
        await store.PutAsync("000", bytes);
        await store.PutAsync("001", Bytes(200_000));
        var (good, other) = (await File.ReadAllBytesAsync(store.PathOf("000")), await File.ReadAllBytesAsync(store.PathOf("001")));
        var header = good.Length - 200_000 - (4 * SealedBlob.TagBytes);
        var second = header + SealedBlob.SealedBytes;
        var third = second + SealedBlob.SealedBytes;
        var wrong = new Dictionary<string, byte[]>
        {
            ["another image in its place"] = other,
            ["a chunk of another image"] = [.. good[..second], .. other[second..third], .. good[third..]],
            ["two chunks exchanged"] = [.. good[..header], .. good[second..third], .. good[header..second], .. good[third..]],
            ["a chunk left out"] = [.. good[..second], .. good[third..]],
            ["a chunk twice"] = [.. good[..second], .. good[header..]],
            ["cut off after a chunk"] = good[..third],
            ["cut off within a chunk"] = good[..(third + 100)],
            ["cut off within a tag"] = good[..(second - 3)],
            ["cut off after the header"] = good[..header],
            ["cut off within the header"] = good[..9],
            ["empty"] = [],
            ["a byte more"] = [.. good, 0],
            ["a plain image under the name of an encrypted one"] = bytes,
        };
        foreach (var at in new[] { 0, 3, 4, 5, 6, header - 1, header, second - 1, second, third - SealedBlob.TagBytes, good.Length - 1 })
            wrong[$"byte {at} changed"] = [.. good[..at], (byte)(good[at] ^ 1), .. good[(at + 1)..]];

        foreach (var (what, content) in wrong)
        {
            await File.WriteAllBytesAsync(store.PathOf("000"), content);
            var read = new byte[200_000];
            var given = 0;
            var failure = await Assert.ThrowsAsync<BlobUnreadableException>(async () =>
            {
                await using var stream = store.Blobs.OpenRead("g/000");
                while (given < read.Length && await stream.ReadAsync(read.AsMemory(given)) is > 0 and var some) given += some;
                Assert.Fail($"{what}: it was read");
            });
            Assert.Contains("g/000", failure.Message, StringComparison.Ordinal);
            Assert.True(read.AsSpan(0, given).SequenceEqual(bytes.AsSpan(0, given)), what);
        }

        await File.WriteAllBytesAsync(store.PathOf("000"), good);
        Assert.Equal(bytes, await ReadAsync(store.Blobs, "g/000"));
        File.Move(store.PathOf("000"), store.PathOf("002"));
        Assert.Throws<BlobUnreadableException>(() => store.Blobs.OpenRead("g/002").ReadExactly(new byte[1]));
    }

    [Fact]
    public async Task An_image_under_a_key_that_is_not_there_or_is_another_is_said_so()
    {
        using var store = new Store(("a", KeyA));
        await store.PutAsync("000", Bytes(1000));

        var missing = Assert.Throws<BlobUnreadableException>(() => store.With(("b", KeyB)).OpenRead("g/000"));
        Assert.Contains("key 'a'", missing.Message, StringComparison.Ordinal);
        Assert.Contains("Storage:Encryption:Keys:a", missing.Message, StringComparison.Ordinal);
        await using var another = store.With(("a", KeyB)).OpenRead("g/000");
        Assert.Throws<BlobUnreadableException>(() => another.ReadExactly(new byte[1]));
    }

    [Fact]
    public async Task A_damaged_upload_fails_its_item_with_a_plain_error_and_can_be_retried_once_it_is_mended()
    {
        await using var host = await TestHost.StartAsync(customize: TestHost.WithoutWorker, args: Settings("a", ("a", KeyA)));
        var tenant = await Tenant.CreateAsync(host.Address);
        var job = (await tenant.SubmitAsync(BatchBody.Of(("p", Assets.Lfw("Colin_Powell")), ("q", Assets.Lfw("Tom_Ridge")))))["job_id"]!.GetValue<string>();
        var file = Files(host.Data, "000" + SealedBlob.Suffix).Single();
        var good = await File.ReadAllBytesAsync(file);
        await File.WriteAllBytesAsync(file, [.. good[..^1], (byte)(good[^1] ^ 1)]);

        await host.WorkAsync();

        var done = await tenant.PollAsync(job);
        Assert.Equal(("PROCESSING_ERROR", "enrolled"), (done["results"]![0]!["error"]!["code"]!.GetValue<string>(), done["results"]![1]!["outcome"]!.GetValue<string>()));
        await File.WriteAllBytesAsync(file, good);
        using var retried = await tenant.Key.PostAsync($"/api/v1/organizations/{tenant.Organization}/batch/{job}/retry", null);
        await host.WorkAsync();
        Assert.Single(await tenant.FacesAsync("p"));
    }

    [Theory]
    [InlineData("an active key that is not there", "--Storage:Encryption:ActiveKey=a")]
    [InlineData("too short", "--Storage:Encryption:Keys:a=c2VjcmV0LXRleHQ=")]
    [InlineData("no base64", "--Storage:Encryption:Keys:a=secret-text-that-is-not-base64!!")]
    [InlineData("a file that is not there", "--Storage:Encryption:Keys:a=file:/nowhere/secret-text")]
    [InlineData("an id that is none", "--Storage:Encryption:Keys:a b=c2VjcmV0LXRleHQ=")]
    public async Task A_key_that_is_none_stops_the_start_with_a_message_that_does_not_tell_it(string what, string setting)
    {
        var refused = await Assert.ThrowsAsync<StartupException>(() => TestHost.StartAsync(args: setting));

        Assert.Contains("Storage:Encryption", refused.Message, StringComparison.Ordinal);
        Assert.All(["c2VjcmV0", "secret-text-that"], secret => Assert.DoesNotContain(secret, refused.Message, StringComparison.Ordinal));
        Assert.NotEmpty(what);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_may_come_from_a_file_as_text_or_as_bytes(bool asText)
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "key");
        if (asText) await File.WriteAllTextAsync(file, KeyA + "\n");
        else await File.WriteAllBytesAsync(file, Convert.FromBase64String(KeyA));
        using var store = new Store(("a", $"file:{file}"));
        await store.PutAsync("000", Bytes(1000));

        Assert.Equal(Bytes(1000), await ReadAsync(store.With(("A", KeyA)), "g/000"));
    }

    [Fact]
    public async Task A_start_without_a_key_that_was_used_or_with_another_in_its_place_says_so_at_once()
    {
        using var folder = new TestFolder();
        await using (await TestHost.StartAsync(data: folder.Path, args: Settings("a", ("a", KeyA))))
        {
        }

        var missing = await Assert.ThrowsAsync<StartupException>(() => TestHost.StartAsync(data: folder.Path, args: Settings("b", ("b", KeyB))));
        var none = await Assert.ThrowsAsync<StartupException>(() => TestHost.StartAsync(data: folder.Path));
        var another = await Assert.ThrowsAsync<StartupException>(() => TestHost.StartAsync(data: folder.Path, args: Settings("a", ("a", KeyB))));

        Assert.All([missing.Message, none.Message, another.Message], message => Assert.Contains("Storage:Encryption:Keys:a", message, StringComparison.Ordinal));
        Assert.All([missing.Message, none.Message, another.Message], message => Assert.DoesNotContain(KeyB, message, StringComparison.Ordinal));
        await using var right = await TestHost.StartAsync(data: folder.Path, args: Settings(null, ("a", KeyA))); // for reading alone
    }

    internal static string[] Settings(string? active, params (string Id, string Key)[] keys) =>
        [.. active is null ? Array.Empty<string>() : [$"--Storage:Encryption:ActiveKey={active}"], .. keys.Select(key => $"--Storage:Encryption:Keys:{key.Id}={key.Key}")];

    internal static string KeyOf(string file)
    {
        if (!file.EndsWith(SealedBlob.Suffix, StringComparison.Ordinal)) return "(plain)";
        using var stream = File.OpenRead(file);
        return SealedBlob.KeyOf(stream, "x");
    }

    private static string[] Files(string data, string ending) => Directory.GetFiles(Path.Combine(data, "blobs"), "*" + ending, SearchOption.AllDirectories);

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static async Task<byte[]> ReadAsync(FileBlobStore blobs, string name)
    {
        await using var stream = blobs.OpenRead(name);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    private static Task<T> ScalarAsync<T>(TestHost host, string sql) =>
        host.Get<Database>().ReadAsync(tx => tx.Connection!.ExecuteScalarAsync<T>(sql, null, tx), CancellationToken.None)!;

    /// <summary>A blob store without a host.</summary>
    private sealed class Store : IDisposable
    {
        private readonly TestFolder _folder = new();
        private readonly DataFolder _data;

        public Store(params (string Id, string Key)[] keys)
        {
            _data = new DataFolder(Options.Create(new StorageOptions { Data = _folder.Path }));
            Blobs = With(keys);
        }

        public FileBlobStore Blobs { get; }

        public FileBlobStore With(params (string Id, string Key)[] keys)
        {
            var options = new StorageOptions { Data = _folder.Path, Encryption = { ActiveKey = keys[0].Id } };
            foreach (var (id, key) in keys) options.Encryption.Keys[id] = key;
            return new FileBlobStore(_data, new BlobKeys(Options.Create(options)));
        }

        public string PathOf(string name) => Path.Combine(_folder.Path, "blobs", "g", name + SealedBlob.Suffix);

        public Task<StoredBlob> PutAsync(string name, byte[] bytes) => Blobs.PutAsync("g", name, new MemoryStream(bytes), 10_000_000, null, CancellationToken.None);

        public void Dispose()
        {
            _data.Dispose();
            _folder.Dispose();
        }
    }
}
