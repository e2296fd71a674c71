using System.Text.Json.Serialization;
using Rollcall.Cli.Enrol;
using Rollcall.Cli.Sync;

namespace Rollcall.Cli.Terminal;

/// <summary>The commands' own answers under --json.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(CommandFailure))]
[JsonSerializable(typeof(EnrolSummary))]
[JsonSerializable(typeof(SyncSummary))]
[JsonSerializable(typeof(LoggedIn))]
[JsonSerializable(typeof(LoggedOut))]
[JsonSerializable(typeof(Exported))]
internal sealed partial class CliJson : JsonSerializerContext;

internal sealed record CommandFailure(bool Success, CommandError Error);

internal sealed record CommandError(string Code, string Message);

internal sealed record LoggedIn(string Server, string Profile, string Kind, string? Organization);

internal sealed record LoggedOut(string Profile);

internal sealed record Exported(string Path, long Faces);
