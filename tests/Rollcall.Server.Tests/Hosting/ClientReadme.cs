using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Tests.Hosting;

/// <summary>The examples of the client's README, compiled. Between two marks is what they show, and nothing else.</summary>
internal static class ClientReadme
{
    /// <summary>What the examples have written.</summary>
    public static ConcurrentQueue<string> Written { get; } = new();

    public static async Task EnrolAndRecogniseAsync(Uri address, string apiKey, string collectionId, string photos)
    {
        // README
        using var http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(30) }; // it covers an upload from its first byte to the answer
        var client = new RollcallClient(http, new RollcallClientOptions { Credential = RollcallCredential.FromApiKey(apiKey) });

        BatchEntry[] people =
        [
            new("anna", ImageFile.FromPath(Path.Combine(photos, "anna.jpg"))),
            new("bert", ImageFile.FromPath(Path.Combine(photos, "bert.jpg"))),
        ];
        var accepted = await client.SubmitBatchAsync(collectionId, people, new BatchOptions { IdempotencyKey = "import-0001" });
        var job = BatchAddress.InCollection(collectionId, accepted.JobId);

        var progress = new Progress<BatchJob>(now => Console.WriteLine($"{now.Processed} of {now.Total}"));
        var done = await client.WaitForCompletionAsync(job, progress: progress);
        foreach (var item in done.Results!) Console.WriteLine($"{item.ExternalId}: {item.Outcome} {item.Error?.Code}");

        // README
        await foreach (var told in client.FollowBatchAsync(job))
            if (told.Item is { } item) Console.WriteLine($"{item.ExternalId}: {item.Outcome}");

        // README
        var found = await client.IdentifyAsync(collectionId, ImageFile.FromPath(Path.Combine(photos, "anna-today.jpg")));
        Console.WriteLine(found.Matches is [var best, ..] ? $"{best.ExternalId}, {best.Similarity}" : "nobody");

        // README
        await foreach (var face in client.EnumerateFacesAsync(collectionId)) Console.WriteLine($"{face.ExternalId} {face.QualityScore}");

        // README
        try
        {
            await client.EnrolFaceAsync(collectionId, new BatchEntry("anna", ImageFile.FromPath(Path.Combine(photos, "bert.jpg"))));
        }
        catch (RollcallException refused) when (refused.Code == ErrorCodes.DuplicateExternalId)
        {
            Console.WriteLine($"{refused.Status}: {refused.Message} ({refused.RequestId})");
        }

        // END
    }

    public static void AddTo(IServiceCollection services, Uri address, string apiKey)
    {
        // README
        services.AddRollcallClient(setup =>
        {
            setup.Address = address;
            setup.Credential = RollcallCredential.FromApiKey(apiKey);
        });

        // END
        services.AddSingleton<Gate>();
    }

    // README
    internal sealed class Gate(RollcallClient rollcall)
    {
        public async Task<bool> OpensForAsync(string collectionId, string person, Stream camera)
        {
            using var picture = new MemoryStream();
            await camera.CopyToAsync(picture);
            return (await rollcall.VerifyPersonAsync(collectionId, person, ImageFile.FromBytes("camera.jpg", picture.ToArray()))).Verified;
        }
    }

    // END
    private static class Console
    {
        public static void WriteLine(string line) => Written.Enqueue(line);
    }
}
