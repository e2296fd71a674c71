using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    private const int LongestIdempotencyKey = 255;

    private static readonly TimeSpan LongestWaitAtServer = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestEnrolment = TimeSpan.FromMinutes(2);

    // Between two looks at a job whose server does not say how long to wait, and at the very least whatever it says.
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Submits images for enrolment in the background. When this returns every image and the job are durable on the server.
    /// </summary>
    /// <remarks>
    /// The images are opened one after the other while they are sent; none is held in memory. The server is asked before the first byte of
    /// them goes out, so that a missing right costs no upload. An image that is wrong is an item that fails, and no exception.
    /// </remarks>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="entries">1 to 100 people.</param>
    /// <param name="options">The gates; null for the collection's.</param>
    /// <param name="cancellationToken">Ends the upload; a job that was accepted already stays.</param>
    /// <exception cref="ArgumentException">
    /// There is no entry, there are more than 100, an external id is no Unicode text, or the idempotency key is none.
    /// </exception>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>, <see cref="ErrorCodes.InvalidRequest"/>,
    /// <see cref="ErrorCodes.IdempotencyKeyInUse"/>, <see cref="ErrorCodes.IdempotencyKeyReused"/>, <see cref="ErrorCodes.ModelMismatch"/>,
    /// <see cref="ErrorCodes.PayloadTooLarge"/>, <see cref="ErrorCodes.QuotaExceeded"/>, <see cref="ErrorCodes.ServiceBusy"/>.
    /// </exception>
    public Task<BatchAccepted> SubmitBatchAsync(
        string collectionId,
        IReadOnlyList<BatchEntry> entries,
        BatchOptions? options = null,
        CancellationToken cancellationToken = default) => ReadAsync(
            Upload(collectionId, "batch-async", BatchUpload.MostImages, entries, options, heldFor: TimeSpan.Zero), Json.ApiResponseBatchAccepted, cancellationToken);

    /// <summary>
    /// Submits a few images and waits for the finished job, with its results. It is an ordinary job: who loses the connection finds it in
    /// the list.
    /// </summary>
    /// <param name="collectionId">The collection, <c>col_…</c>.</param>
    /// <param name="entries">1 to 20 people.</param>
    /// <param name="options">The gates; null for the collection's.</param>
    /// <param name="cancellationToken">Ends the wait; a job that was accepted already stays.</param>
    /// <exception cref="ArgumentException">
    /// There is no entry, there are more than 20, an external id is no Unicode text, or the idempotency key is none.
    /// </exception>
    /// <exception cref="RollcallException">
    /// As with <see cref="SubmitBatchAsync"/>; <see cref="ErrorCodes.ServiceBusy"/> with <c>job_id</c> in its details when the job was
    /// accepted and is not finished in time: poll it.
    /// </exception>
    public Task<BatchJob> EnrolBatchAsync(
        string collectionId,
        IReadOnlyList<BatchEntry> entries,
        BatchOptions? options = null,
        CancellationToken cancellationToken = default) => ReadAsync(
            Upload(collectionId, "batch", BatchUpload.MostImagesWhileWaiting, entries, options, LongestEnrolment), Json.ApiResponseBatchJob, cancellationToken);

    private HttpRequestMessage Upload(
        string collectionId, string route, int mostImages, IReadOnlyList<BatchEntry> entries, BatchOptions? options, TimeSpan heldFor)
    {
        ArgumentNullException.ThrowIfNull(entries);
        if (entries.Count == 0 || entries.Count > mostImages)
            throw new ArgumentException($"A batch to this route has 1 to {mostImages} images and not {entries.Count}.", nameof(entries));

        var key = options?.IdempotencyKey;
        if (key is not null && (key.Length is 0 or > LongestIdempotencyKey || key.Any(letter => letter is < ' ' or > '~')))
            throw new ArgumentException($"An idempotency key is 1 to {LongestIdempotencyKey} printable ASCII characters.", nameof(options));

        var request = Request(
            HttpMethod.Post, $"{InCollection(collectionId)}/faces/{route}", BatchUpload.Create(entries, options), repeatable: key is not null, heldFor);
        request.Headers.ExpectContinue = true;
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return request;
    }

    /// <summary>How far a job is.</summary>
    /// <param name="address">Where to ask for it.</param>
    /// <param name="results">Which of its final items to show.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.BatchJobNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>.
    /// </exception>
    public Task<BatchJob> GetBatchAsync(
        BatchAddress address, BatchResults results = BatchResults.All, CancellationToken cancellationToken = default) =>
        GetAsync(Route(address, results), Json.ApiResponseBatchJob, cancellationToken);

    /// <summary>Waits for the next change of a job, at the server; a finished job, or time that is up, answers at once with how far it is.</summary>
    /// <remarks>The server holds the request. A caller may have five of them waiting.</remarks>
    /// <param name="address">Where to ask for it.</param>
    /// <param name="atMost">How long to wait, in whole seconds, at most 60.</param>
    /// <param name="results">Which of its final items to show.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.BatchJobNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>, <see cref="ErrorCodes.RateLimitExceeded"/>.
    /// </exception>
    public Task<BatchJob> WaitForChangeAsync(
        BatchAddress address, TimeSpan atMost, BatchResults results = BatchResults.All, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(atMost, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(atMost, LongestWaitAtServer);
        var route = Route(address, results);
        var wait = ((int)atMost.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return ReadAsync(
            Request(HttpMethod.Get, $"{route}{(route.Contains('?', StringComparison.Ordinal) ? '&' : '?')}wait={wait}", repeatable: true, heldFor: atMost),
            Json.ApiResponseBatchJob,
            cancellationToken);
    }

    /// <summary>A page of an organization's jobs without their results, newest first.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="filter">Which jobs; null for all.</param>
    /// <param name="limit">Jobs on the page, 1 to 200; null for 50.</param>
    /// <param name="cursor">The page before's <see cref="BatchJobList.NextCursor"/>; null for the first page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException"><see cref="ErrorCodes.NotFound"/>, <see cref="ErrorCodes.InvalidRequest"/>.</exception>
    public Task<BatchJobList> ListBatchesAsync(
        string organizationId,
        BatchFilter? filter = null,
        int? limit = null,
        string? cursor = null,
        CancellationToken cancellationToken = default) =>
        GetAsync(Batches(organizationId, filter, limit, cursor), Json.ApiResponseBatchJobList, cancellationToken);

    /// <summary>An organization's jobs without their results, newest first, asked for page by page as they are read.</summary>
    /// <param name="organizationId">The organization, <c>org_…</c>.</param>
    /// <param name="filter">Which jobs; null for all.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    /// <exception cref="RollcallException">While it is read: as with <see cref="ListBatchesAsync"/>.</exception>
    public IAsyncEnumerable<BatchJob> EnumerateBatchesAsync(
        string organizationId, BatchFilter? filter = null, CancellationToken cancellationToken = default) => PagesAsync(
        cursor => Batches(organizationId, filter, WholePage, cursor),
        Json.ApiResponseBatchJobList,
        page => (page.Jobs, page.NextCursor),
        cancellationToken);

    /// <summary>
    /// Waits until a job is <see cref="JobStatus.Done"/> or <see cref="JobStatus.Failed"/>, at the pace that the server asks for.
    /// </summary>
    /// <remarks>A server that is busy or limits the rate while this waits is waited for as well.</remarks>
    /// <param name="address">Where to ask for the job.</param>
    /// <param name="results">Which of its final items to show.</param>
    /// <param name="progress">Told of each state that the server gives, the last one included; null for nobody.</param>
    /// <param name="cancellationToken">Ends the wait; the job goes on.</param>
    /// <returns>The job as it ended.</returns>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.BatchJobNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>.
    /// </exception>
    public async Task<BatchJob> WaitForCompletionAsync(
        BatchAddress address,
        BatchResults results = BatchResults.All,
        IProgress<BatchJob>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var route = Route(address, results);
        EntityTagHeaderValue? seen = null;
        while (true)
        {
            var (job, tag, wait) = await LookAsync(route, seen, cancellationToken).ConfigureAwait(false);
            if (job is not null)
            {
                seen = tag;
                progress?.Report(job);
                if (job.Status is JobStatus.Done or JobStatus.Failed) return job;
            }

            await Task.Delay(wait > ShortestWait ? wait : ShortestWait, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One poll; without a job when nothing changed or the server cannot say now.</summary>
    private async Task<(BatchJob? Job, EntityTagHeaderValue? Tag, TimeSpan Wait)> LookAsync(
        string route, EntityTagHeaderValue? seen, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, route, repeatable: true);
        if (seen is not null) request.Headers.IfNoneMatch.Add(seen);
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);

        var wait = RetryAfterOf(response) ?? UsualWait;
        if (response.StatusCode is HttpStatusCode.NotModified or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
            return (null, null, wait);

        await ThrowIfRefusedAsync(response, cancellationToken).ConfigureAwait(false);
        var job = await ReadDataAsync(response, Json.ApiResponseBatchJob, cancellationToken).ConfigureAwait(false);
        return (job, response.Headers.ETag, wait);
    }

    private static string Batches(string organizationId, BatchFilter? filter, int? limit, string? cursor) =>
        $"organizations/{Segment(organizationId, nameof(organizationId))}/batch" + new Query()
            .Add("status", filter?.Status)
            .Add("collection_id", filter?.CollectionId)
            .Add("created_after", filter?.CreatedAfter)
            .Add("created_before", filter?.CreatedBefore)
            .Page(limit, cursor);

    private static string Route(BatchAddress address, BatchResults results)
    {
        var query = results switch
        {
            BatchResults.All => "",
            BatchResults.Failed => "?results=failed",
            BatchResults.None => "?results=false",
            _ => throw new ArgumentOutOfRangeException(nameof(results), results, null),
        };
        return Route(address) + query;
    }
}
