namespace Rollcall.Server.Enrolment;

/// <summary>A person's reference while the rules are applied: as it was read, or made, and what has changed in it since.</summary>
internal sealed class Reference
{
    /// <summary>The number of the row; 0 until it is inserted.</summary>
    public long Num { get; init; }

    public required string Id { get; init; }

    public required long PersonNum { get; init; }

    public required string ImageSha256 { get; init; }

    public required string Model { get; init; }

    public required double QualityScore { get; init; }

    public required byte[] Vector { get; init; }

    /// <summary>The photograph that it keeps; null for none, and for one that is being made.</summary>
    public string? Image { get; init; }

    /// <summary>The job that created it; null when it was enrolled singly.</summary>
    public string? JobId { get; init; }

    /// <summary>The accept number of the latest job that created or confirmed it.</summary>
    public required long OwnerSeq { get; set; }

    /// <summary>The job that superseded it; null while it stands.</summary>
    public string? SupersededBy { get; set; }

    /// <summary>The item that makes it; null for one that was read.</summary>
    public Enrolled? Source { get; init; }

    public bool Changed { get; set; }

    /// <summary>Whether the search index has to hear of it; a confirmation alone changes nothing there.</summary>
    public bool ChangedForSearch { get; set; }

    /// <summary>Whether it stood when it was read.</summary>
    public bool StoodBefore { get; set; }

    public bool Stands => SupersededBy is null;

    /// <summary>The upload that it takes over from the item that made it; null from any other item.</summary>
    public string? KeptFrom(ClaimedItem item) => Source?.Item.ItemId == item.ItemId ? Source.KeptImage : null;
}

/// <summary>The item and the result that a new reference comes from.</summary>
internal sealed record Enrolled(ClaimedItem Item, ItemResult.Embedded Result)
{
    /// <summary>The item's upload, where the reference takes it over.</summary>
    public string? KeptImage => Item.JobOptions.KeepImages ? Item.Blob : null;
}
