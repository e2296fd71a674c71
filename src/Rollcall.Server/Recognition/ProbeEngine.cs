using Rollcall.Client.Contracts;
using Rollcall.Faces;
using Rollcall.Server.Hosting;
using Rollcall.Server.OpenApi;

namespace Rollcall.Server.Recognition;

/// <summary>
/// Analyses the pictures of a single request; no more of them at a time than there are cores, and a short line behind. A place in the line
/// is taken for each picture before any is read, and several for a large one, so that neither many nor slow senders can fill the memory.
/// One organization gets half of the line, so that its slow senders do not keep the others out.
/// </summary>
internal sealed class ProbeEngine(FaceModels models) : IDisposable
{
    private const int Places = 64;
    private const int PlacesOfOne = Places / 2;
    private const long BytesOfPlace = 4 * 1024 * 1024;
    private const int RetryAfterSeconds = 1;

    private readonly SharedPlaces _line = new(Places, PlacesOfOne);
    private readonly SemaphoreSlim _turn = new(Environment.ProcessorCount);

    /// <summary>Reads the form and analyses its image as it is, whatever its quality: a probe is somebody before a camera now.</summary>
    public async Task<Result<(FaceAnalysis.Found Found, T Request)>> AnalyzeAsync<T>(
        HttpRequest http,
        string organizationId,
        MultipartForm shape,
        Func<IReadOnlyDictionary<string, string>, Result<T>> parse,
        Func<T, MultipleFacesRule> facesOf,
        CancellationToken ct)
    {
        var all = await AnalyzeAllAsync(http, organizationId, shape, parse, facesOf, ct);
        return all.IsRefused(out var problem, out var analysed) ? problem : (analysed.Found[0], analysed.Request);
    }

    /// <summary>The same for several images: one result for each name, in its order; what is wrong with one says with which.</summary>
    public Task<Result<(IReadOnlyList<FaceAnalysis.Found> Found, T Request)>> AnalyzeAllAsync<T>(
        HttpRequest http,
        string organizationId,
        MultipartForm shape,
        Func<IReadOnlyDictionary<string, string>, Result<T>> parse,
        Func<T, MultipleFacesRule> facesOf,
        CancellationToken ct) => InLineAsync<(IReadOnlyList<FaceAnalysis.Found>, T)>(organizationId, PlacesFor(http, shape.Images.Count), async () =>
        {
            if ((await ProbeForm.ReadAsync(http, shape, ct)).IsRefused(out var problem, out var form)) return problem;
            if (parse(form!.Fields).IsRefused(out problem, out var request)) return problem;

            var images = shape.Images;
            var options = new AnalysisOptions { MultipleFaces = facesOf(request!), MinQuality = 0 };
            var all = new List<FaceAnalysis.Found>(images.Count);
            foreach (var image in images)
            {
                var analysis = await InTurnAsync(() => models.Engine.Analyze(form.Images[image], options, ct), ct);
                if (analysis is not FaceAnalysis.Found found) return ProbeForm.About(image, images, FaceProblems.Of(analysis));
                all.Add(found);
            }

            return (all, request!);
        });

    /// <summary>Reads a form that is one image and nothing else, and finds every face in it.</summary>
    public Task<Result<FaceSurvey.Read>> SurveyAsync(HttpRequest http, string organizationId, MultipartForm shape, CancellationToken ct) => InLineAsync<FaceSurvey.Read>(organizationId, PlacesFor(http, 1), async () =>
    {
        if ((await ProbeForm.ReadAsync(http, shape, ct)).IsRefused(out var problem, out var form)) return problem;
        var survey = await InTurnAsync(() => models.Engine.Survey(form!.Images.Values.Single(), ct), ct);
        return survey is FaceSurvey.Read read ? read : FaceProblems.Of((FaceSurvey.Unreadable)survey);
    });

    public void Dispose() => _turn.Dispose();

    /// <summary>A buffer grows by doubling and not beyond 10 MB of an image; a body that does not say its length may be that large.</summary>
    private static int PlacesFor(HttpRequest http, int images) => images * (http.ContentLength / images) switch
    {
        <= BytesOfPlace => 1,
        <= 2 * BytesOfPlace => 2,
        _ => 4,
    };

    private async Task<Result<T>> InLineAsync<T>(string organizationId, int places, Func<Task<Result<T>>> work)
    {
        if (!_line.TryEnter(organizationId, places))
            return new Problem(ErrorCodes.ServiceBusy, "Too many pictures are being looked at: try again shortly.") { RetryAfterSeconds = RetryAfterSeconds };

        try
        {
            return await work();
        }
        finally
        {
            _line.Leave(organizationId, places);
        }
    }

    private async Task<T> InTurnAsync<T>(Func<T> look, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            return await Task.Run(look, ct);
        }
        finally
        {
            _turn.Release();
        }
    }
}
