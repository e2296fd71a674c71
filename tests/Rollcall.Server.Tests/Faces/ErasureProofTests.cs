using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Server.Tests.Organizations;

namespace Rollcall.Server.Tests.Faces;

/// <summary>After an erasure nothing of the person is anywhere: not in a file, not in the log, not in what the process holds (docs/adr/0020).</summary>
public sealed class ErasureProofTests
{
    private const string Person = "erased-7f3a-who-is-named-nowhere-else";
    private const int Seed = 20;

    /// <summary>
    /// The runtime hands arrays out without wiping what lay there before, so garbage may show through in one that nobody wrote to. What an object
    /// really holds is there every time, in every process.
    /// </summary>
    private const int Tries = 3;

    [Theory(Timeout = 300_000)]
    [InlineData("person")]
    [InlineData("person, not to be enrolled again")]
    [InlineData("collection")]
    [InlineData("organization")]
    public async Task Neither_the_external_id_nor_the_vector_is_in_a_file_in_the_log_or_in_an_object_of_the_running_process(string erased)
    {
        var held = new List<string>();
        for (var i = 0; i < Tries; i++)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            held = await HeldAfterAsync(erased);
            if (held.Count == 0) return;
            foreach (var one in held) TestContext.Current.TestOutputHelper!.WriteLine(one);
        }

        Assert.Fail($"It is held each time: {string.Join("; ", held)}");
    }

    /// <summary>What objects of the server hold of a person after the erasure; in files and in the log there is nothing.</summary>
    private static async Task<List<string>> HeldAfterAsync(string erased)
    {
        using var folder = new TestFolder();
        await using var server = await ServerProcess.StartAsync(folder.Path, Assets.Models, "--Logging:LogLevel:Default=Trace", "--Queue:Concurrency=1");
        var tenant = await Tenant.CreateAsync(server.Address, new() { ["keep_images"] = true, ["multiple_faces"] = "largest" });
        var others = Bystanders(12);
        await tenant.EnrolAsync(BatchBody.Of([(Person, Assets.Lfw("Colin_Powell", 1)), .. others.Take(6)]));
        await tenant.EnrolAsync(BatchBody.Of([.. others.Skip(6), (Person, Assets.Lfw("Colin_Powell", 2)), (Person, Assets.Sample("nonface/rocket.jpg"))])); // one superseded, one failed
        await tenant.IdentifyAsync(Assets.Lfw("Colin_Powell", 3)); // the index knows all
        await tenant.FacesAsync(Person);
        var traces = await TracesAsync(folder.Path);
        Assert.All(traces.Where(trace => trace.Key.StartsWith("vector", StringComparison.Ordinal)), trace => Assert.True(DataFiles.Contain(folder.Path, trace.Value), trace.Key));
        Assert.True(DataFiles.Contain(folder.Path, traces["external id"]) && DataFiles.Contain(folder.Path, traces["photograph"]));
        Assert.NotEmpty((await LiveHeap.SearchAsync(server.Id, traces))["quantised"]); // so that it is known what is looked for

        await (erased switch
        {
            "organization" => tenant.Bearer.DeleteAsync($"/api/v1/organizations/{tenant.Organization}?confirm=Example"),
            "collection" => tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}"),
            "person" => tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id={Person}"),
            _ => tenant.Key.DeleteAsync($"/api/v1/collections/{tenant.Collection}/faces?external_id={Person}&suppress=true"),
        }).DataAsync(HttpStatusCode.OK);
        tenant.Key.Dispose();
        tenant.Bearer.Dispose();

        foreach (var (what, trace) in traces) Assert.True(DataFiles.Holding(folder.Path, trace) is [], $"{what} is in {string.Join(", ", DataFiles.Holding(folder.Path, trace))}");
        Assert.DoesNotContain(Person, server.Output, StringComparison.OrdinalIgnoreCase);
        foreach (var text in TextsOf(traces["vector 0"])) Assert.DoesNotContain(text, server.Output, StringComparison.OrdinalIgnoreCase);
        return [.. (await LiveHeap.SearchAsync(server.Id, traces)).SelectMany(trace => trace.Value.Select(held => $"{trace.Key}: {held}"))];
    }

    private static async Task<Dictionary<string, byte[]>> TracesAsync(string data)
    {
        await using var database = new SqliteConnection($"Data Source={Path.Combine(data, "rollcall.db")};Pooling=False");
        var vectors = (await database.QueryAsync<byte[]>("SELECT vector FROM face WHERE external_id = @Person ORDER BY num", new { Person })).ToList();
        var standing = await database.ExecuteScalarAsync<byte[]>("SELECT vector FROM face WHERE external_id = @Person AND state = 0", new { Person });
        Assert.Equal(2, vectors.Count);
        var traces = new Dictionary<string, byte[]>
        {
            ["external id"] = Encoding.UTF8.GetBytes(Person),
            ["external id as text"] = Encoding.Unicode.GetBytes(Person),
            ["photograph"] = (await File.ReadAllBytesAsync(Assets.Lfw("Colin_Powell", 2)))[2000..2048],
            ["quantised"] = Quantised(standing!),
        };
        for (var i = 0; i < vectors.Count; i++)
        {
            traces[string.Create(CultureInfo.InvariantCulture, $"vector {i}")] = vectors[i][..48];
            traces[string.Create(CultureInfo.InvariantCulture, $"vector {i}, its end")] = vectors[i][^48..];
        }

        return traces;
    }

    /// <summary>As the index holds it.</summary>
    private static byte[] Quantised(byte[] vector)
    {
        var numbers = MemoryMarshal.Cast<byte, float>(vector).ToArray();
        var step = numbers.Max(Math.Abs) / 127;
        return [.. numbers.Select(x => (byte)(sbyte)Math.Clamp(MathF.Round(x / step), -127, 127)).Take(48)];
    }

    private static string[] TextsOf(byte[] bytes) => [Convert.ToBase64String(bytes)[..40], Convert.ToHexString(bytes)[..40]];

    private static List<(string ExternalId, string File)> Bystanders(int count)
    {
        var people = Directory.GetDirectories(Path.Combine(Assets.Faces, "lfw")).Select(path => Path.GetFileName(path)!).Where(name => name != "Colin_Powell").Order(StringComparer.Ordinal).ToArray();
        new Random(Seed).Shuffle(people);
        return [.. people.Take(count).Select((name, i) => (string.Create(CultureInfo.InvariantCulture, $"bystander-{i}"), Assets.Lfw(name)))];
    }
}
