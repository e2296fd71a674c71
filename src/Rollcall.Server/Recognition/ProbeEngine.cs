using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Recognition;

/// <summary>
/// Analyses the picture of a single request; no more of them at a time than there are cores, and a short line behind. The place in the
/// line is taken before the picture is read, so that slow senders cannot fill the memory.
/// </summary>
internal sealed class ProbeEngine(FaceModels models) : IDisposable
{
    private const int Places = 64;
    private const int RetryAfterSeconds = 1;

    private readonly SemaphoreSlim _places = new(Places);
    private readonly SemaphoreSlim _turn = new(Environment.ProcessorCount);

    /// <summary>Reads the form and analyses its image as it is, whatever its quality: a probe is somebody before a camera now.</summary>
    public async Task<Result<(FaceAnalysis.Found Found, T Request)>> AnalyzeAsync<T>(
        HttpRequest http,
        IReadOnlySet<string> fields,
        Func<IReadOnlyDictionary<string, string>, Result<T>> parse,
        Func<T, MultipleFacesRule> facesOf,
        CancellationToken ct)
    {
        if (!_places.Wait(0, CancellationToken.None))
            return new Problem(ErrorCodes.ServiceBusy, "Too many pictures are being looked at: try again shortly.") { RetryAfterSeconds = RetryAfterSeconds };

        try
        {
            if ((await ProbeForm.ReadAsync(http, fields, ct)).IsRefused(out var problem, out var form)) return problem;
            if (parse(form!.Fields).IsRefused(out problem, out var request)) return problem;

            var analysis = await AnalyzeAsync(form.Image, facesOf(request!), ct);
            return analysis is FaceAnalysis.Found found ? (found, request!) : FaceProblems.Of(analysis);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose()
    {
        _places.Dispose();
        _turn.Dispose();
    }

    private async Task<FaceAnalysis> AnalyzeAsync(ReadOnlyMemory<byte> image, MultipleFacesRule faces, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            return await Task.Run(() => models.Engine.Analyze(image, new AnalysisOptions { MultipleFaces = faces, MinQuality = 0 }, ct), ct);
        }
        finally
        {
            _turn.Release();
        }
    }
}
