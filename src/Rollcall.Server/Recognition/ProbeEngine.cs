using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Recognition;

/// <summary>Analyses the picture of a single request; no more of them at a time than there are cores, and a short line behind.</summary>
internal sealed class ProbeEngine(FaceModels models) : IDisposable
{
    private const int MostWaiting = 64;
    private const int RetryAfterSeconds = 1;

    private readonly SemaphoreSlim _turn = new(Environment.ProcessorCount);
    private int _waiting;

    public async Task<Result<FaceAnalysis.Found>> AnalyzeAsync(byte[] image, MultipleFacesRule faces, CancellationToken ct)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return new Problem(ErrorCodes.ServiceBusy, "Too many pictures are being looked at: try again shortly.") { RetryAfterSeconds = RetryAfterSeconds };
        }

        try
        {
            await _turn.WaitAsync(ct);
            try
            {
                // A probe is somebody before a camera now: it is looked up as it is, whatever its quality.
                var analysis = await Task.Run(() => models.Engine.Analyze(image, new AnalysisOptions { MultipleFaces = faces, MinQuality = 0 }, ct), ct);
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
