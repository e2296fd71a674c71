namespace Rollcall.Cli;

/// <summary>What the process ends with; scripts go by it, so that no number may change its meaning (docs/cli.md).</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>The command did its work, and some photographs failed, or the person is not who was claimed.</summary>
    public const int SomeFailed = 1;

    /// <summary>The command line, a manifest or an answer to a question is wrong; nothing was sent.</summary>
    public const int Usage = 2;

    /// <summary>The server refused: the credential, a right, the collection, a setting.</summary>
    public const int Refused = 3;

    /// <summary>The server could not be reached, or was busy for longer than one waits.</summary>
    public const int Unreachable = 4;

    /// <summary>A sync would remove more than it may; nothing was changed.</summary>
    public const int TooManyRemovals = 5;

    /// <summary>A sync that was to plan alone found something to do.</summary>
    public const int Pending = 6;

    /// <summary>Another command is at the same work; nothing was changed.</summary>
    public const int Busy = 7;

    /// <summary>Something of this machine or of the command itself failed: a full disk, a file that cannot be written, a bug.</summary>
    public const int Failed = 8;

    /// <summary>Ctrl-C or SIGTERM.</summary>
    public const int Interrupted = 130;
}
