using Microsoft.Extensions.Logging;

namespace Rollcall.Faces.Models;

public sealed partial class ModelStore
{
    [LoggerMessage(EventId = 2003, Level = LogLevel.Information, Message = "Model {File} was copied from {Path}")]
    private partial void LogCopied(string file, string path);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "The model at {Place} was refused: it {Fault}")]
    private partial void LogRefused(string place, string fault);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Information, Message = "Model pack {Pack} is ready, each file verified")]
    private partial void LogPackReady(string pack);

    [LoggerMessage(EventId = 2006, Level = LogLevel.Warning, Message = "Model pack {Pack}: {Caveat}")]
    private partial void LogCaveat(string pack, string caveat);

    [LoggerMessage(EventId = 2701, Level = LogLevel.Warning, Message = "Model pack {Pack}: {File} is not here, so that liveness cannot be checked; 'models pull' obtains it")]
    private partial void LogWithout(string pack, string file);
}
