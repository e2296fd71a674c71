using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Sources;

/// <summary>A photograph that a source names.</summary>
/// <param name="Location">What its source opens it by; a path, or the name of an entry.</param>
/// <param name="ExternalId">Whose it is; empty when that cannot be said.</param>
internal sealed record Photograph(string Location, string ExternalId)
{
    /// <summary>What the server takes, in bytes. A larger one is not sent, since with a hundred of them the whole job would be refused.</summary>
    public const int LargestImage = 10 * 1024 * 1024;

    /// <summary>A JSON object as text; null for none.</summary>
    public string? Metadata { get; init; }

    /// <summary>Why it is not even sent; null when it is.</summary>
    public Refusal? Refusal { get; init; }
}

/// <summary>A failure that this side knows of. The codes are the contract's where it has one.</summary>
internal sealed record Refusal(string Code, string Message)
{
    public const string NoExternalId = "NO_EXTERNAL_ID";
    public const string FileNotReadable = "FILE_NOT_READABLE";
    public const string AmbiguousPhotograph = "AMBIGUOUS_PHOTOGRAPH";
    public const string FileChanged = "FILE_CHANGED";
    public const string ResultUnknown = "RESULT_UNKNOWN";

    public static Refusal Format(string extension) => new(
        ErrorCodes.UnsupportedFormat, $"{extension} pictures are not taken: convert it to JPEG, PNG or WebP.");

    public static Refusal TooLarge { get; } = new(ErrorCodes.ImageTooLarge, "The image is over 10 MB.");

    public static Refusal Empty { get; } = new(ErrorCodes.UnreadableImage, "The file is empty.");

    public static Refusal Missing { get; } = new(FileNotReadable, "The file is not there any more.");

    public static Refusal MissingOnceSent { get; } = new(FileNotReadable, "The file is not there any more. It was sent before, so that it may be enrolled.");

    public static Refusal Changed { get; } = new(FileChanged, "The file has changed since it was first sent, so that what it was before may be enrolled. Give the command once more for what it is now.");

    public static Refusal Unknown { get; } = new(ResultUnknown, "The server does not know the job any more, so that nobody can say what became of it. Give the command once more.");

    public static Refusal Unreadable(Exception exception) => new(FileNotReadable, exception.Message);
}
