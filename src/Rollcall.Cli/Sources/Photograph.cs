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

    public static Refusal Format(string extension) => new(
        ErrorCodes.UnsupportedFormat, $"{extension} pictures are not taken: convert it to JPEG, PNG or WebP.");

    public static Refusal TooLarge { get; } = new(ErrorCodes.ImageTooLarge, "The image is over 10 MB.");

    public static Refusal Unreadable(Exception exception) => new(FileNotReadable, exception.Message);
}
