using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    /// <summary>
    /// Cancels a job: what nobody is working on fails with <see cref="ErrorCodes.Cancelled"/>, what somebody is working on may finish.
    /// What is enrolled stays; a finished job stays as it is.
    /// </summary>
    /// <param name="address">The job.</param>
    /// <param name="cancellationToken">Ends the wait; the job may be cancelled all the same.</param>
    /// <returns>The job as it is now: it may not be at its end yet.</returns>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.BatchJobNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>, <see cref="ErrorCodes.InsufficientScope"/>.
    /// </exception>
    public Task<BatchJob> CancelBatchAsync(BatchAddress address, CancellationToken cancellationToken = default) =>
        ReadAsync(Request(HttpMethod.Post, $"{Route(address)}/cancel", repeatable: true), Json.ApiResponseBatchJob, cancellationToken);

    /// <summary>
    /// Tries items of a finished job again, as a new job that takes their uploads over: those that failed and whose upload is still there.
    /// </summary>
    /// <param name="address">The finished job.</param>
    /// <param name="retry">Which items, and with what gates; null for all, with the gates of the job.</param>
    /// <param name="cancellationToken">Ends the wait; the new job may be accepted all the same.</param>
    /// <returns>The new job, which waits for a worker.</returns>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.NothingToRetry"/>, <see cref="ErrorCodes.JobNotFinished"/>, <see cref="ErrorCodes.BatchJobNotFound"/>,
    /// <see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.ModelMismatch"/>, <see cref="ErrorCodes.InvalidRequest"/>,
    /// <see cref="ErrorCodes.CollectionNotAllowed"/>, <see cref="ErrorCodes.InsufficientScope"/>.
    /// </exception>
    public Task<BatchJob> RetryBatchAsync(BatchAddress address, RetryBatch? retry = null, CancellationToken cancellationToken = default) =>
        PostAsync($"{Route(address)}/retry", retry ?? new RetryBatch(), Json.RetryBatch, Json.ApiResponseBatchJob, cancellationToken);

    /// <summary>
    /// Undoes a finished job: what it enrolled goes, and what it superseded stands again, but for people of whom there is a newer
    /// reference. A repeat changes nothing and answers the same.
    /// </summary>
    /// <param name="address">The finished job.</param>
    /// <param name="cancellationToken">Ends the wait; the job may be undone all the same.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.JobNotFinished"/>, <see cref="ErrorCodes.BatchJobNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>,
    /// <see cref="ErrorCodes.InsufficientScope"/>.
    /// </exception>
    public Task<JobUndone> UndoBatchAsync(BatchAddress address, CancellationToken cancellationToken = default) =>
        ReadAsync(Request(HttpMethod.Post, $"{Route(address)}/undo", repeatable: true), Json.ApiResponseJobUndone, cancellationToken);

    /// <summary>
    /// Deletes a finished job with its results, the uploads that are left of it and the references that it superseded. What it enrolled
    /// stays.
    /// </summary>
    /// <param name="address">The job.</param>
    /// <param name="cancellationToken">Ends the wait; the job may be deleted all the same.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.JobNotFinished"/>, <see cref="ErrorCodes.BatchJobNotFound"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>,
    /// <see cref="ErrorCodes.InsufficientScope"/>.
    /// </exception>
    public Task DeleteBatchAsync(BatchAddress address, CancellationToken cancellationToken = default) =>
        RunAsync(Request(HttpMethod.Delete, Route(address), repeatable: true), cancellationToken);

    /// <summary>
    /// Finds people of a finished job who look like one another, or like somebody else of the collection, under another external id. What
    /// counts is the collection's <see cref="CollectionSettings.DuplicateThreshold"/> of now.
    /// </summary>
    /// <param name="address">The finished job.</param>
    /// <param name="limit">Pairs at most, 1 to 200; null for 50.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RollcallException">
    /// <see cref="ErrorCodes.JobNotFinished"/>, <see cref="ErrorCodes.InvalidRequest"/> for a dry run, <see cref="ErrorCodes.BatchJobNotFound"/>,
    /// <see cref="ErrorCodes.CollectionNotFound"/>, <see cref="ErrorCodes.ModelMismatch"/>, <see cref="ErrorCodes.CollectionNotAllowed"/>,
    /// <see cref="ErrorCodes.ServiceBusy"/>.
    /// </exception>
    public Task<LookAlikeReport> FindLookAlikesAsync(BatchAddress address, int? limit = null, CancellationToken cancellationToken = default) =>
        GetAsync($"{Route(address)}/look-alikes{new Query().Page(limit, null)}", Json.ApiResponseLookAlikeReport, cancellationToken);

    private static string Route(BatchAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return $"{address.Parents}/{Segment(address.ParentId, nameof(address))}/batch/{Segment(address.JobId, nameof(address))}";
    }
}
