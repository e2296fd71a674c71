using System.Collections.Concurrent;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>
/// Customers who do not give up: each batch goes out under an idempotency key until it is answered, and is followed to its end; single
/// enrolments and identifications go on beside. What is acknowledged is written down.
/// </summary>
internal sealed class ChaosLoad(Supervisor server, Customer customer, IReadOnlyList<string> photographs, int seed, ConcurrentQueue<string> complaints) : IDisposable
{
    private const int Submitters = 3;
    private const int MostImages = 25;

    private static readonly BatchOptions Gates = new() { MultipleFaces = MultipleFaces.Largest, MinQuality = 0 };
    private static readonly TimeSpan AgainPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SinglePause = TimeSpan.FromMilliseconds(400);

    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly List<Task> _loops = [];
    private long _lost;
    private long _busy;
    private long _probes;

    /// <summary>The jobs that were answered with 202.</summary>
    public ConcurrentDictionary<string, bool> Accepted { get; } = new(StringComparer.Ordinal);

    /// <summary>The face of each external id that was acknowledged; null where only its being there was.</summary>
    public ConcurrentDictionary<string, string?> Enrolled { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers that never came; answers that said to come again; identifications.</summary>
    public (long Lost, long Busy, long Probes) Counts => (_lost, _busy, _probes);

    public void Begin()
    {
        for (var i = 0; i < Submitters; i++) _loops.Add(SubmitAsync(i));
        _loops.Add(EnrolAsync());
        _loops.Add(IdentifyAsync());
    }

    /// <summary>Nothing new begins, and what is on its way is followed to its end; what has none within the limit is a complaint.</summary>
    public async Task FinishAsync(TimeSpan limit)
    {
        await _ending.CancelAsync();
        _abandoned.CancelAfter(limit);
        await Task.WhenAll(_loops);
        if (_abandoned.IsCancellationRequested) complaints.Enqueue($"not everything came to its end within {limit} after the last fault");
    }

    public void Dispose()
    {
        _ending.Dispose();
        _abandoned.Dispose();
    }

    private async Task SubmitAsync(int submitter)
    {
        var random = new Random(seed + submitter);
        for (var number = 0; !_ending.IsCancellationRequested; number++)
        {
            var entries = Enumerable.Range(0, random.Next(1, MostImages + 1)).Select(i => new BatchEntry($"batch {submitter}-{number}-{i}", Photograph(random))).ToList();
            var options = Gates with { IdempotencyKey = $"{submitter}-{number}" };
            if (await InsistAsync(api => api.SubmitBatchAsync(customer.Collection, entries, options, _abandoned.Token)) is not { } accepted) continue;

            Accepted[accepted.JobId] = true;
            var watch = new CounterWatch(complaints);
            var job = await InsistAsync(api => api.WaitForCompletionAsync(
                BatchAddress.InCollection(customer.Collection, accepted.JobId), progress: watch, cancellationToken: _abandoned.Token));
            foreach (var item in job?.Results ?? []) Enrolled[item.ExternalId!] = item.FaceId;
        }
    }

    private async Task EnrolAsync()
    {
        var random = new Random(seed - 1);
        for (var number = 0; !_ending.IsCancellationRequested; number++)
        {
            var person = new BatchEntry($"single {number}", Photograph(random));
            var unanswered = _lost + _busy;
            try
            {
                var face = await InsistAsync(api => api.EnrolFaceAsync(
                    customer.Collection, person, new EnrolOptions { MultipleFaces = MultipleFaces.Largest, MinQuality = 0 }, _abandoned.Token), expected: ErrorCodes.DuplicateExternalId);
                if (face is not null) Enrolled[person.ExternalId] = face.FaceId;
            }
            catch (RollcallException e) when (e.Code == ErrorCodes.DuplicateExternalId)
            {
                // An earlier try did it, and its answer got lost.
                Enrolled[person.ExternalId] = null;
                if (unanswered == _lost + _busy) complaints.Enqueue($"{person.ExternalId} was there before it was enrolled");
            }

            await Task.Delay(SinglePause, TimeProvider.System);
        }
    }

    private async Task IdentifyAsync()
    {
        var random = new Random(seed - 2);
        while (!_ending.IsCancellationRequested)
        {
            var photograph = Photograph(random);
            var answer = await InsistAsync(api => api.IdentifyAsync(customer.Collection, photograph, cancellationToken: _abandoned.Token));
            if (answer is not null) Interlocked.Increment(ref _probes);
            await Task.Delay(SinglePause, TimeProvider.System);
        }
    }

    private ImageFile Photograph(Random random) => ImageFile.FromPath(photographs[random.Next(photographs.Count)]);

    /// <summary>Asks until there is an answer; null when there is none that can be used, which is a complaint, or when it is abandoned.</summary>
    /// <param name="expected">A code that the caller deals with.</param>
    private async Task<T?> InsistAsync<T>(Func<RollcallClient, Task<T>> call, string? expected = null)
        where T : class
    {
        while (!_abandoned.IsCancellationRequested)
        {
            try
            {
                var http = await server.ServingAsync().WaitAsync(_abandoned.Token);
                return await call(customer.At(http));
            }
            catch (Exception e) when (e is HttpRequestException or IOException or RollcallException { Code: RollcallException.UnexpectedAnswer, Status: < System.Net.HttpStatusCode.BadRequest })
            {
                Interlocked.Increment(ref _lost); // the connection went with the server
            }
            catch (RollcallException e) when (e.Code is ErrorCodes.ServiceBusy or ErrorCodes.IdempotencyKeyInUse)
            {
                Interlocked.Increment(ref _busy);
            }
            catch (RollcallException e) when (e.Code != expected)
            {
                complaints.Enqueue($"an answer of {(int)e.Status} {e.Code}: {e.Message} {e.RequestId}");
                return null;
            }
            catch (OperationCanceledException) when (!_abandoned.IsCancellationRequested)
            {
                complaints.Enqueue("a request was not answered in time");
            }
            catch (OperationCanceledException)
            {
                return null;
            }

            await Task.Delay(AgainPause, TimeProvider.System);
        }

        return null;
    }

    /// <summary>Counters that add up and never go back, whatever happens to the server between two looks.</summary>
    private sealed class CounterWatch(ConcurrentQueue<string> complaints) : IProgress<BatchJob>
    {
        private BatchJob? _last;

        public void Report(BatchJob value)
        {
            if (value.Processed != value.Succeeded + value.Failed || value.Processed > value.Total || value.Results?.Count != value.Processed)
                complaints.Enqueue($"{value.JobId} does not add up: {value.Total} {value.Processed} {value.Succeeded} {value.Failed} {value.Results?.Count}");
            if (_last is { } last && (value.Succeeded < last.Succeeded || value.Failed < last.Failed || value.Total != last.Total))
                complaints.Enqueue($"{value.JobId} went back from {last.Succeeded} and {last.Failed} to {value.Succeeded} and {value.Failed}");
            _last = value;
        }
    }
}
