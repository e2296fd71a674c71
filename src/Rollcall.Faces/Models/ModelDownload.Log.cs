using Microsoft.Extensions.Logging;

namespace Rollcall.Faces.Models;

internal sealed partial class ModelDownload
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "Downloading model {File} ({Bytes} bytes) from {Source}")]
    private partial void LogDownloading(string file, long bytes, Uri source);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Information, Message = "Model {File}: {Done} of {Bytes} bytes")]
    private partial void LogProgress(string file, long done, long bytes);

    [LoggerMessage(EventId = 2020, Level = LogLevel.Information, Message = "Going on with {File} at byte {At}")]
    private partial void LogResuming(string file, long at);

    [LoggerMessage(EventId = 2021, Level = LogLevel.Information, Message = "Another process downloads model {File}; waiting for it")]
    private partial void LogWaiting(string file);

    [LoggerMessage(EventId = 2022, Level = LogLevel.Warning, Message = "Model {File}: the public address {Fault}; trying again in {Pause}")]
    private partial void LogTryingAgain(string file, string fault, TimeSpan pause);

    [LoggerMessage(EventId = 2023, Level = LogLevel.Warning, Message = "What was downloaded of model {File} was thrown away: it {Fault}")]
    private partial void LogThrownAway(string file, string fault);
}
