namespace Rollcall.Faces.Models;

/// <summary>Where the model files may come from.</summary>
public sealed record ModelStoreOptions
{
    /// <summary>A folder that holds the files already and is used in place, or null.</summary>
    public string? Folder { get; init; }

    /// <summary>The folder that downloads and copies are kept in; it is created.</summary>
    public required string Cache { get; init; }

    /// <summary>A folder to copy from, as <c>{Mirror}/{pack id}/{file}</c> or <c>{Mirror}/{file}</c>, or null.</summary>
    public string? Mirror { get; init; }

    /// <summary>Whether the files' public addresses may be asked. False for a machine that must not call out.</summary>
    public bool AllowDownload { get; init; } = true;

    /// <summary>How long a public address may be silent, before and between the bytes of its answer.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a public address is asked that brings nothing at all. One that has begun to bring the file is asked more often.</summary>
    public int TriesInVain { get; init; } = 5;
}
