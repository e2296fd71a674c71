namespace Rollcall.Client.Contracts;

/// <summary>The model pack that the vectors of a collection come from.</summary>
public sealed record CollectionModel
{
    /// <summary>The pack's name; each face has it as its <c>model</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Whether the pack is for trying out and not for production.</summary>
    public required bool Evaluation { get; init; }
}
