using Rollcall.Client;

namespace Rollcall.Cli.Recognition;

internal static class Probe
{
    public static ImageFile Open(string path)
    {
        try
        {
            return ImageFile.FromPath(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"'{path}' cannot be read: {exception.Message}", exception);
        }
    }
}
