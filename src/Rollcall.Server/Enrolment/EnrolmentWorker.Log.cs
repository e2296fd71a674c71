namespace Rollcall.Server.Enrolment;

internal sealed partial class EnrolmentWorker
{
    [LoggerMessage(2101, LogLevel.Error, "Work could not be claimed; trying again.")]
    private partial void LogClaimFailed(Exception exception);

    [LoggerMessage(2102, LogLevel.Warning, "Item {ItemId}: the lease was lost, its result is thrown away.")]
    private partial void LogLeaseLost(string itemId);

    [LoggerMessage(2103, LogLevel.Error, "{Count} finished items could not be committed together or alone.")]
    private partial void LogCommitFailed(Exception exception, int count);

    [LoggerMessage(2104, LogLevel.Warning, "Item {ItemId}: it could not be given back; its lease will run out.")]
    private partial void LogGiveBackFailed(Exception exception, string itemId);

    [LoggerMessage(2105, LogLevel.Warning, "{Count} leases had run out; their items are tried again, each alone.")]
    private partial void LogRescued(int count);

    [LoggerMessage(2106, LogLevel.Error, "The leases could not be renewed; trying again.")]
    private partial void LogRenewFailed(Exception exception);

    [LoggerMessage(2108, LogLevel.Critical, "Item {ItemId}: a bug while it was worked on; its lease will run out.")]
    private partial void LogProcessingFailed(Exception exception, string itemId);

    [LoggerMessage(2109, LogLevel.Critical, "Item {ItemId}: its picture has hung in the decoder or the model beyond {MaxRun}. The process ends, to be started again: the item is then tried alone.")]
    private partial void LogHung(string itemId, TimeSpan maxRun);

    [LoggerMessage(1403, LogLevel.Debug, "Item {ItemId} was worked on: {Result}.")]
    private partial void LogWorkedOn(string itemId, Type result);

    [LoggerMessage(2107, LogLevel.Error, "Job {JobId} failed: {Code}.")]
    private partial void LogJobFailed(string jobId, string code);
}
