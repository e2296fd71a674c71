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
        ReadAsync(new HttpRequestMessage(HttpMethod.Post, Address($"{Route(address)}/cancel")), Json.ApiResponseBatchJob, cancellationToken);

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
        RunAsync(new HttpRequestMessage(HttpMethod.Delete, Address(Route(address))), cancellationToken);

    private static string Route(BatchAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return $"{address.Parents}/{Segment(address.ParentId, nameof(address))}/batch/{Segment(address.JobId, nameof(address))}";
    }
}
