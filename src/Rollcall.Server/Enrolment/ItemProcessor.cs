using System.Buffers;
using System.Data.Common;
using Microsoft.Extensions.Options;
using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Server.Batches;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;
using Rollcall.Server.Telemetry;

namespace Rollcall.Server.Enrolment;

/// <summary>From an item under lease to its result. What a picture does to it is data; what storage or a fault does is a retry.</summary>
internal partial class ItemProcessor(
    WorkQueue queue,
    KnownFaces known,
    FileBlobStore blobs,
    FaceModels models,
    Instruments instruments,
    TimeProvider time,
    IOptions<QueueOptions> options,
    ILogger<ItemProcessor> logger)
{
    private static readonly TimeSpan OutagePause = TimeSpan.FromSeconds(2);

    public async Task<ItemResult> ProcessAsync(ClaimedItem item, CancellationToken ct)
    {
        try
        {
            if (Known(item) is { } known) return known;
            if (!item.Decode && await queue.IsDecidedAsync(item, ct)) return new ItemResult.NotDecoded();
            if (item.JobOptions.CheckLiveness && GateFields.WhyNoLiveness(models.Engine) is { } why) return new ItemResult.Failed(ErrorCodes.ProcessingError, why) { IsOfPicture = true };
            if (item.Suspect && !await queue.BeginAsync(item, ct)) return new ItemResult.Retry(TimeSpan.Zero);
            return await AnalyzeAsync(item, ct);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or EndOfStreamException && blobs.IsThere)
        {
            LogUploadGone(item.ItemId);
            return new ItemResult.Failed(ErrorCodes.ProcessingError, "The upload is not in storage any more: submit the image again.");
        }
        catch (BlobUnreadableException e)
        {
            LogUploadUnreadable(e, item.ItemId);
            return new ItemResult.Failed(ErrorCodes.ProcessingError, "The stored image cannot be decrypted; the server's log says why. Submit the image again, or retry the item once that is mended.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DbException)
        {
            // A store that works and does not give this one file up is no outage.
            LogOutage(e, item.ItemId);
            return e is not DbException && blobs.Works() ? new ItemResult.Fault() : new ItemResult.Retry(OutagePause);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFault(e, item.ItemId);
            return new ItemResult.Fault();
        }
    }

    /// <summary>What can be said without looking at the picture.</summary>
    private ItemResult.Failed? Known(ClaimedItem item)
    {
        if (item.Crashes >= options.Value.MaxCrashes)
            return new ItemResult.Failed(ErrorCodes.ProcessingError, "The image could not be processed: the server failed on it repeatedly.");
        if (item.Refusal is { } code) return new ItemResult.Failed(code, FaceProblems.MessageOf(code));
        return item.CollectionModel == models.Engine.Pack.Id ? null : new ItemResult.Failed(
            ErrorCodes.ModelMismatch, $"The collection's vectors come from the model '{item.CollectionModel}', this server runs '{models.Engine.Pack.Id}'.");
    }

    private async Task<ItemResult> AnalyzeAsync(ClaimedItem item, CancellationToken ct)
    {
        var options = item.JobOptions.ToAnalysis() with { Known = await known.ReadAsync(item, ct) };
        var length = (int)item.BlobBytes;
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        var clock = new StageClock(time);
        var start = time.GetTimestamp();
        TimeSpan? read = null;
        try
        {
            await using (var upload = blobs.OpenRead(item.Blob!)) await upload.ReadExactlyAsync(bytes.AsMemory(0, length), ct);
            read = time.GetElapsedTime(start);
            return Analyze(bytes.AsMemory(0, length), options with { Clock = clock }, ct) switch
            {
                FaceAnalysis.Found found => ItemResult.Embedded.Of(found),
                var other => Refused(other),
            };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes, clearArray: true); // a face must not lie about in the pool
            if (read is { } took) Note([new StageTime("read", took), .. clock.Times.Select(stage => StageTime.Of(stage.Stage, stage.Took))]);
        }
    }

    /// <summary>Decoder and models, where a picture may end the process or never come back. Virtual, so that a test can put such a picture there.</summary>
    protected virtual FaceAnalysis Analyze(ReadOnlyMemory<byte> picture, AnalysisOptions options, CancellationToken ct) =>
        models.Engine.Analyze(picture, options, ct);

    private void Note(IReadOnlyList<StageTime> stages)
    {
        foreach (var stage in stages) instruments.StageEnded(stage.Name, stage.Took);
        ItemSpans.Draw(stages, time.GetUtcNow());
    }

    private static ItemResult.Failed Refused(FaceAnalysis analysis)
    {
        var problem = FaceProblems.Of(analysis);
        var face = analysis switch
        {
            FaceAnalysis.TooPoor poor => poor.Face,
            FaceAnalysis.NotLive notLive => notLive.Face,
            _ => null,
        };
        return new ItemResult.Failed(problem.Code, problem.Message, problem.Details)
        {
            IsOfPicture = true,
            Choice = analysis.Choice,
            Quality = face?.Quality.Score,
            Box = face?.Box,
        };
    }
}
