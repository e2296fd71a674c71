using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Server.Batches;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Recognition;

/// <summary>Analyses the picture of a single request; no more of them at a time than there are cores, and a short line behind.</summary>
internal sealed class ProbeEngine(FaceModels models) : IDisposable
{
    private const int MostWaiting = 64;
    private const int RetryAfterSeconds = 1;

    private readonly SemaphoreSlim _turn = new(Environment.ProcessorCount);
    private int _waiting;

    public async Task<Result<FaceAnalysis.Found>> AnalyzeAsync(IFormFile image, MultipleFacesRule faces, CancellationToken ct)
    {
        if (image.Length > BatchIntake.MostImageBytes) return new Problem(ErrorCodes.ImageTooLarge, FaceProblems.MessageOf(ErrorCodes.ImageTooLarge));
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return new Problem(ErrorCodes.ServiceBusy, "Too many pictures are being looked at: try again shortly.") { RetryAfterSeconds = RetryAfterSeconds };
        }

        try
        {
            var bytes = new byte[image.Length];
            await using (var content = image.OpenReadStream()) await content.ReadExactlyAsync(bytes, ct);

            await _turn.WaitAsync(ct);
            try
            {
                // A probe is somebody before a camera now: it is looked up as it is, whatever its quality.
                var analysis = await Task.Run(() => models.Engine.Analyze(bytes, new AnalysisOptions { MultipleFaces = faces, MinQuality = 0 }, ct), ct);
                return analysis is FaceAnalysis.Found found ? found : FaceProblems.Of(analysis);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Dispose() => _turn.Dispose();
}
