namespace Rollcall.Faces.Models;

/// <summary>What a model file is for.</summary>
public enum ModelRole
{
    /// <summary>Finds faces and their five landmarks.</summary>
    Detect,

    /// <summary>Turns an aligned face into a vector.</summary>
    Embed,

    /// <summary>Judges whether a living person is before the camera; of several files the mean counts.</summary>
    Liveness,

    /// <summary>Judges how fit for recognition an aligned face is.</summary>
    Quality,
}

/// <summary>One file of a pack, pinned by its content.</summary>
/// <param name="Role">What it is for.</param>
/// <param name="Name">Its file name, in every place it is looked for.</param>
/// <param name="Sha256">SHA-256 of its bytes, 64 lower-case hex digits; any other content is refused.</param>
/// <param name="Bytes">Its exact length.</param>
/// <param name="Source">The public address that serves exactly these bytes, or null when there is none.</param>
/// <param name="Licence">The licence of the weights, and what they were trained on where that is known.</param>
public sealed record ModelFile(ModelRole Role, string Name, string Sha256, long Bytes, Uri? Source, string Licence);
