namespace Rollcall.Server.Recognition;

internal sealed partial class PackChoice
{
    [LoggerMessage(2007, LogLevel.Warning, "Model pack {Pack} could not be had; the built-in pack {BuiltIn} runs instead, for trying out. Tried: {Tried}")]
    private partial void LogInstead(string pack, string builtIn, string tried);

    [LoggerMessage(
        2008,
        LogLevel.Warning,
        "The collections of this data folder were made with the built-in pack {BuiltIn}, so it goes on with it, whether or not another could be had. To move to {Pack}: start a new data folder (--data DIR), or start this one with Models:Pack={Pack} and enrol the photographs anew into new collections.")]
    private partial void LogStays(string builtIn, string pack);

    [LoggerMessage(2009, LogLevel.Warning, "The data folder has collections of the pack {Other}: they are read and deleted, but not enrolled into or searched while {Pack} runs.")]
    private partial void LogOthers(string other, string pack);
}
