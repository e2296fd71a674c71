using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rollcall.Client.Contracts;

/// <summary>The JSON of the wire: snake_case, times in UTC with a Z, nothing found by reflection.</summary>
public static class RollcallJson
{
    /// <summary>What both sides read and write with; read-only.</summary>
    public static JsonSerializerOptions Options => RollcallJsonContext.Default.Options;

    /// <summary>Makes options speak the wire, for a host that has options of its own; resolvers added later extend it.</summary>
    /// <param name="options">Options that were not used yet.</param>
    /// <exception cref="InvalidOperationException">The options are read-only.</exception>
    public static void Configure(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.PropertyNamingPolicy = Options.PropertyNamingPolicy;
        options.PropertyNameCaseInsensitive = Options.PropertyNameCaseInsensitive;
        options.NumberHandling = Options.NumberHandling;
        options.RespectNullableAnnotations = Options.RespectNullableAnnotations;
        foreach (var converter in Options.Converters)
        {
            options.Converters.Add(converter);
        }

        options.TypeInfoResolverChain.Insert(0, RollcallJsonContext.Default);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(ApiFailure))]
[JsonSerializable(typeof(ApiResponse<BatchAccepted>))]
[JsonSerializable(typeof(ApiResponse<BatchJob>))]
[JsonSerializable(typeof(ApiResponse<BatchJobList>))]
[JsonSerializable(typeof(ApiResponse<Collection>))]
[JsonSerializable(typeof(ApiResponse<CollectionList>))]
[JsonSerializable(typeof(ApiResponse<CollectionDeleted>))]
[JsonSerializable(typeof(ApiResponse<Face>))]
[JsonSerializable(typeof(ApiResponse<FaceList>))]
[JsonSerializable(typeof(ApiResponse<DeletionReceipt>))]
[JsonSerializable(typeof(ApiResponse<SuppressionCount>))]
[JsonSerializable(typeof(ApiResponse<OrganizationDeleted>))]
[JsonSerializable(typeof(FaceChangeRequest))]
[JsonSerializable(typeof(ApiResponse<IdentifyResult>))]
[JsonSerializable(typeof(ApiResponse<VerifyResult>))]
[JsonSerializable(typeof(ApiResponse<CompareResult>))]
[JsonSerializable(typeof(ApiResponse<DetectResult>))]
[JsonSerializable(typeof(ApiResponse<AuthTokens>))]
[JsonSerializable(typeof(ApiResponse<Registration>))]
[JsonSerializable(typeof(ApiResponse<Me>))]
[JsonSerializable(typeof(ApiResponse<ApiKeyCreated>))]
[JsonSerializable(typeof(ApiResponse<ApiKeyList>))]
[JsonSerializable(typeof(ApiResponse<Member>))]
[JsonSerializable(typeof(ApiResponse<MemberAdded>))]
[JsonSerializable(typeof(ApiResponse<MemberList>))]
[JsonSerializable(typeof(ApiResponse<AuditEntryList>))]
[JsonSerializable(typeof(ApiResponse<AuditLogVerification>))]
[JsonSerializable(typeof(ApiResponse<Health>))]
[JsonSerializable(typeof(ApiResponse<Readiness>))]
[JsonSerializable(typeof(UploadEntry[]))]
[JsonSerializable(typeof(RetryBatch))]
[JsonSerializable(typeof(ApiResponse<JobUndone>))]
[JsonSerializable(typeof(ApiResponse<LookAlikeReport>))]
[JsonSerializable(typeof(CreateCollection))]
[JsonSerializable(typeof(CollectionPatch))]
[JsonSerializable(typeof(CollectionSettingsPatch))]
[JsonSerializable(typeof(double?))]
[JsonSerializable(typeof(int?))]
[JsonSerializable(typeof(bool?))]
[JsonSerializable(typeof(OnDuplicate?))]
[JsonSerializable(typeof(MultipleFaces?))]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(RefreshRequest))]
[JsonSerializable(typeof(LogoutRequest))]
[JsonSerializable(typeof(CreateApiKey))]
[JsonSerializable(typeof(AddMember))]
[JsonSerializable(typeof(MemberChange))]
[JsonSerializable(typeof(JoinRequest))]
internal sealed partial class RollcallJsonContext : JsonSerializerContext;

/// <summary>RFC 3339 in UTC with milliseconds and a Z; the serializer itself would write +00:00.</summary>
internal sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset().ToUniversalTime();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<char> text = stackalloc char[24];
        _ = value.UtcDateTime.TryFormat(text, out var length, Format, CultureInfo.InvariantCulture);
        writer.WriteStringValue(text[..length]);
    }
}
