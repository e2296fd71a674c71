namespace Rollcall.Server.Enrolment;

internal partial class ItemProcessor
{
    [LoggerMessage(2011, LogLevel.Error, "Item {ItemId}: its upload is not in storage.")]
    private partial void LogUploadGone(string itemId);

    [LoggerMessage(2012, LogLevel.Warning, "Item {ItemId}: storage did not answer; it goes back to the queue.")]
    private partial void LogOutage(Exception exception, string itemId);

    [LoggerMessage(2013, LogLevel.Error, "Item {ItemId}: a fault while it was worked on; it goes back to the queue.")]
    private partial void LogFault(Exception exception, string itemId);

    [LoggerMessage(2804, LogLevel.Error, "Item {ItemId}: its upload is encrypted and cannot be had back; the item fails.")]
    private partial void LogUploadUnreadable(Exception exception, string itemId);
}
