using System.Reflection;
using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests.Contracts;

public sealed class ErrorCodesTests
{
    [Theory]
    [InlineData(400, "INVALID_REQUEST", "COUNT_MISMATCH", "TOO_MANY_IMAGES", "NO_IMAGES")]
    [InlineData(401, "MISSING_CREDENTIALS", "INVALID_API_KEY", "INVALID_CREDENTIALS", "TOKEN_EXPIRED", "TOKEN_INVALID")]
    [InlineData(403, "INSUFFICIENT_SCOPE", "COLLECTION_NOT_ALLOWED", "IP_NOT_ALLOWED")]
    [InlineData(404, "NOT_FOUND", "COLLECTION_NOT_FOUND", "FACE_NOT_FOUND", "BATCH_JOB_NOT_FOUND")]
    [InlineData(409, "DUPLICATE_EXTERNAL_ID", "ALREADY_EXISTS", "IDEMPOTENCY_KEY_IN_USE", "JOB_NOT_FINISHED")]
    [InlineData(409, "NOTHING_TO_RETRY", "TOO_MANY_REFERENCES", "MODEL_MISMATCH", "SUPPRESSED")] // the last one in items first of all
    [InlineData(413, "PAYLOAD_TOO_LARGE")]
    [InlineData(415, "UNSUPPORTED_MEDIA_TYPE")]
    [InlineData(422, "FACE_NOT_DETECTED", "MULTIPLE_FACES", "FACE_QUALITY_TOO_LOW", "LIVENESS_CHECK_FAILED", "UNREADABLE_IMAGE")]
    [InlineData(422, "UNSUPPORTED_FORMAT", "IMAGE_TOO_LARGE", "IMAGE_TOO_SMALL", "IDENTITY_MISMATCH", "IDEMPOTENCY_KEY_REUSED")]
    [InlineData(429, "RATE_LIMIT_EXCEEDED", "QUOTA_EXCEEDED")]
    [InlineData(503, "SERVICE_BUSY")]
    [InlineData(null, "CANCELLED", "PROCESSING_ERROR", "ERASED")]
    public void A_code_has_the_status_of_the_contracts_table(int? status, params string[] codes)
    {
        Assert.All(codes, code => Assert.Contains(code, Declared));
        Assert.All(codes, code => Assert.Equal(status, ErrorCodes.StatusOf(code)));
    }

    [Fact]
    public void There_is_no_code_that_the_contract_does_not_have() => Assert.Equal(42, Declared.Distinct().Count());

    [Fact]
    public void An_unknown_code_has_no_status() => Assert.Null(ErrorCodes.StatusOf("NO_SUCH_CODE"));

    private static IReadOnlyList<string> Declared { get; } =
        [.. typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetValue(null)!)];
}
