using System.Buffers.Binary;
using System.Globalization;
using Rollcall.Client;
using Rollcall.Client.Contracts;
using SkiaSharp;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>The most memory that the server's process had in use, in bytes of resident set, when each stage was over.</summary>
internal sealed record MemoryReport(long AfterStart, long AfterUpload, long AfterWork, int Photographs, int Enrolled);

/// <summary>
/// Many clients upload large photographs at the same moment to a server that is a process of its own; its largest resident set is read
/// from the kernel, through upload and processing.
/// </summary>
internal sealed class MemoryCampaign(string folder, string models, IReadOnlyList<string> photographs)
{
    private const int FileBytes = 2_000_000;
    private const int Side = 2800;

    public async Task<MemoryReport> RunAsync(int clients, int photographsOfEach)
    {
        var files = MakeLarge(photographsOfEach);
        await using var server = await ServerProcess.StartAsync(Path.Combine(folder, "data"), models);
        var afterStart = server.PeakBytes;
        using var handler = new SocketsHttpHandler();
        using var http = new HttpClient(handler) { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(30) };
        var customers = new List<Customer>();
        for (var i = 0; i < clients; i++) customers.Add(await Customer.RegisterAsync(server.Address));

        var jobs = await Task.WhenAll(customers.Select(customer => customer.At(http).SubmitBatchAsync(
            customer.Collection,
            [.. files.Select((file, i) => new BatchEntry($"p{i}", ImageFile.FromPath(file)))],
            new BatchOptions { MultipleFaces = MultipleFaces.Largest, MinQuality = 0 })));
        var afterUpload = server.PeakBytes;

        var enrolled = 0;
        for (var i = 0; i < clients; i++)
        {
            var done = await customers[i].At(http).WaitForCompletionAsync(BatchAddress.InCollection(customers[i].Collection, jobs[i].JobId));
            enrolled += done.Succeeded;
        }

        return new MemoryReport(afterStart, afterUpload, server.PeakBytes, clients * photographsOfEach, enrolled);
    }

    /// <summary>Photographs of a camera's size: enlarged to 8 megapixels, and filled up to 2 MB with what a camera adds before the picture.</summary>
    private List<string> MakeLarge(int count)
    {
        var target = Directory.CreateDirectory(Path.Combine(folder, "photographs")).FullName;
        var files = Enumerable.Range(0, count).Select(i => Path.Combine(target, string.Create(CultureInfo.InvariantCulture, $"{i:000}.jpg"))).ToList();
        Parallel.For(0, count, i =>
        {
            using var small = SKBitmap.Decode(photographs[i % photographs.Count]);
            using var large = small.Resize(new SKImageInfo(Side, Side), new SKSamplingOptions(SKCubicResampler.Mitchell));
            using var encoded = large.Encode(SKEncodedImageFormat.Jpeg, 92);
            File.WriteAllBytes(files[i], FillUp(encoded.ToArray()));
        });
        return files;
    }

    private static byte[] FillUp(byte[] jpeg)
    {
        using var filled = new MemoryStream();
        filled.Write(jpeg, 0, 2);
        Span<byte> comment = stackalloc byte[4];
        while (jpeg.Length + filled.Length < FileBytes)
        {
            var length = (ushort)Math.Min(ushort.MaxValue, FileBytes - jpeg.Length - filled.Length + 2);
            (comment[0], comment[1]) = (0xFF, 0xFE);
            BinaryPrimitives.WriteUInt16BigEndian(comment[2..], length);
            filled.Write(comment);
            filled.Write(new byte[length - 2]);
        }

        filled.Write(jpeg, 2, jpeg.Length - 2);
        return filled.ToArray();
    }
}
