using System.Text;
using Rollcall.Benchmarks.Campaigns;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Tests.Enrolment;

/// <summary>Two jobs, one with a poisonous picture among good ones, given to the server as a process that is started anew whenever it ends; its decoder has a bug.</summary>
/// <param name="Ends">The exit codes of the processes that ended by themselves.</param>
internal sealed record PoisonRun(IReadOnlyList<int> Ends, IReadOnlyList<BatchJob> Jobs, IReadOnlyList<Face> Faces, string Output)
{
    private const int MostEnds = 8;

    private static readonly BatchOptions Gates = new() { MultipleFaces = MultipleFaces.Largest, MinQuality = 0 };

    public static async Task<PoisonRun> ToItsEndAsync(Func<byte[], byte[]> poison, params string[] options)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("calls the C library as Linux and macOS have it");

        using var folder = new TestFolder();
        var entries = Good("a", 12);
        entries.Insert(4, new BatchEntry("poison", ImageFile.FromBytes("poison.jpg", poison(await File.ReadAllBytesAsync(Assets.Lfw("Colin_Powell", 3))))));
        List<BatchEntry>[] batches = [Good("b", 5), entries];

        var (ends, output) = (new List<int>(), new StringBuilder());
        var jobs = new List<string>();
        Customer? customer = null;
        while (true)
        {
            await using var server = ServerProcess.Launch(folder.Path, Assets.Models, options, StartupHook.Variables);
            using var http = new HttpClient { BaseAddress = server.Address };
            try
            {
                if (await server.IsReadyAsync())
                {
                    customer ??= await Customer.RegisterAsync(server.Address);
                    var api = customer.At(http);
                    while (jobs.Count < batches.Length)
                        jobs.Add((await api.SubmitBatchAsync(customer.Collection, batches[jobs.Count], Gates with { IdempotencyKey = $"batch {jobs.Count}" })).JobId);
                    var done = await Task.WhenAll(jobs.Select(job => api.WaitForCompletionAsync(BatchAddress.InCollection(customer.Collection, job))));
                    var faces = await api.ListFacesAsync(customer.Collection, limit: 200);
                    Assert.Equal(0, await server.StopAsync());
                    return new PoisonRun(ends, done, faces.Faces, output.ToString());
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // The server has ended while it was asked.
            }

            ends.Add(await server.EndAsync());
            output.AppendLine(server.Output);
            Assert.InRange(ends.Count, 1, MostEnds);
        }
    }

    /// <summary>Both jobs are done, each good photograph has its one face, and the poison has its code and no face.</summary>
    public void AssertThatOnlyThePoisonFailed()
    {
        Assert.All(Jobs, job => Assert.Equal((JobStatus.Done, job.Total), (job.Status, job.Processed)));
        var items = Jobs.SelectMany(job => job.Results!).ToList();
        var poison = Assert.Single(items, item => !item.Success);
        Assert.Equal(("poison", ErrorCodes.ProcessingError), (poison.ExternalId, poison.Error!.Code));
        Assert.Equal(
            items.Where(item => item.Success).Select(item => $"{item.ExternalId} {item.FaceId}").Order(StringComparer.Ordinal),
            Faces.Select(face => $"{face.ExternalId} {face.FaceId}").Order(StringComparer.Ordinal));
    }

    private static List<BatchEntry> Good(string job, int count) =>
        [.. Enumerable.Range(1, count).Select(i => new BatchEntry($"{job}{i}", ImageFile.FromPath(Assets.Lfw("George_W_Bush", i))))];
}
