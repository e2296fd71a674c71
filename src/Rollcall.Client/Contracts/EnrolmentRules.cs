using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>What happens when the external id is enrolled already.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<OnDuplicate>))]
public enum OnDuplicate
{
    /// <summary>The new images take the place of the old ones.</summary>
    Replace,

    /// <summary>As <see cref="Replace"/>, but only when the best new quality score is above the best standing one.</summary>
    ReplaceIfBetter,

    /// <summary>The new images become further references, 100 at most for a person.</summary>
    Append,

    /// <summary>The person is left alone, and that is a success.</summary>
    Skip,

    /// <summary>The person is left alone, and that is a failure.</summary>
    Reject,
}

/// <summary>What happens when more than one face counts in an image.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<MultipleFaces>))]
public enum MultipleFaces
{
    /// <summary>The image fails with <see cref="ErrorCodes.MultipleFaces"/>.</summary>
    Reject,

    /// <summary>The largest face is taken.</summary>
    Largest,

    /// <summary>
    /// The face most like any of the person's references from before the job is taken. Without a reference an image with several faces fails
    /// with <see cref="ErrorCodes.MultipleFaces"/>.
    /// </summary>
    MatchExisting,
}
