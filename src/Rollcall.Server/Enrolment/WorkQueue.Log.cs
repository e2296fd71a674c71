namespace Rollcall.Server.Enrolment;

internal sealed partial class WorkQueue
{
    [LoggerMessage(2201, LogLevel.Warning, "The upload {Blob} of a finished item could not be removed; the sweep will do it.")]
    private partial void LogUploadLeft(Exception exception, string blob);
}
