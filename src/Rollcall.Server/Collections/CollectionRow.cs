using System.Text.Json;
using Rollcall.Client.Contracts;
using Rollcall.Faces.Models;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Collections;

internal sealed record CollectionRow
{
    public const string Columns = "id, organization_id, name, description, model, settings, face_count, person_count, created_at";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public required string Id { get; init; }

    public required string OrganizationId { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    public required string Model { get; init; }

    public required string Settings { get; init; }

    /// <summary>Two of the settings, again, for the sweeps that go by them; written and not read.</summary>
    public int KeepImages { get; init; }

    public long? RetentionDays { get; init; }

    public long FaceCount { get; init; }

    public long PersonCount { get; init; }

    public required long CreatedAt { get; init; }

    public static string SettingsToJson(CollectionSettings settings) => JsonSerializer.Serialize(settings, Json);

    public Collection ToContract() => new()
    {
        Id = Id,
        Name = Name,
        Description = Description,
        FaceCount = FaceCount,
        PersonCount = PersonCount,
        Model = new() { Id = Model, Evaluation = ModelPack.Find(Model)?.Evaluation ?? false },
        Settings = JsonSerializer.Deserialize<CollectionSettings>(Settings, Json)!,
        CreatedAt = CreatedAt.ToTime(),
    };
}
