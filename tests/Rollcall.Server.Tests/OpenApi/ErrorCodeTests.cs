using System.Net;
using System.Reflection;
using Rollcall.Client.Contracts;

namespace Rollcall.Server.Tests.OpenApi;

/// <summary>The contract's table of error codes: each is provoked over HTTP, with the status that the table gives it.</summary>
public sealed class ErrorCodeTests(SharedHost shared) : IClassFixture<SharedHost>
{
    /// <summary>As the contract has it, and not as the code under test does.</summary>
    private static readonly (int Status, string Codes)[] Table =
    [
        (400, "INVALID_REQUEST COUNT_MISMATCH TOO_MANY_IMAGES NO_IMAGES"),
        (401, "MISSING_CREDENTIALS INVALID_API_KEY INVALID_CREDENTIALS TOKEN_EXPIRED TOKEN_INVALID"),
        (403, "INSUFFICIENT_SCOPE COLLECTION_NOT_ALLOWED IP_NOT_ALLOWED"),
        (404, "NOT_FOUND COLLECTION_NOT_FOUND FACE_NOT_FOUND BATCH_JOB_NOT_FOUND"),
        (409, "DUPLICATE_EXTERNAL_ID ALREADY_EXISTS IDEMPOTENCY_KEY_IN_USE JOB_NOT_FINISHED NOTHING_TO_RETRY TOO_MANY_REFERENCES MODEL_MISMATCH"),
        (413, "PAYLOAD_TOO_LARGE"),
        (415, "UNSUPPORTED_MEDIA_TYPE"),
        (422, "FACE_NOT_DETECTED MULTIPLE_FACES FACE_QUALITY_TOO_LOW LIVENESS_CHECK_FAILED UNREADABLE_IMAGE UNSUPPORTED_FORMAT IMAGE_TOO_LARGE IMAGE_TOO_SMALL IDENTITY_MISMATCH IDEMPOTENCY_KEY_REUSED"),
        (429, "RATE_LIMIT_EXCEEDED QUOTA_EXCEEDED"),
        (503, "SERVICE_BUSY"),
        (0, "CANCELLED PROCESSING_ERROR SUPPRESSED ERASED"), // only in items
    ];

    /// <summary>The contract has it in items alone; a single enrolment answers it as well (docs/adr/0020).</summary>
    private const string Beyond = "SUPPRESSED";

    public static TheoryData<string> OfRequests => [.. Provocations.Requests.Keys];

    public static TheoryData<string> OfItems => [.. Provocations.Items.Keys];

    [Theory]
    [MemberData(nameof(OfRequests))]
    public async Task A_request_is_refused_with(string code)
    {
        await using var lab = await Lab.CreateAsync(shared.Host);

        using var answer = await Provocations.Requests[code](lab);

        Assert.Equal(code, await answer.ErrorCodeAsync());
        Assert.Equal(StatusOf(code), (int)answer.StatusCode);
        Assert.Equal(StatusOf(code), ErrorCodes.StatusOf(code));
        if (answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) Assert.NotNull(answer.Headers.RetryAfter);
    }

    [Theory]
    [MemberData(nameof(OfItems))]
    public async Task An_item_fails_with(string code)
    {
        await using var lab = await Lab.CreateAsync(shared.Host);

        var job = await Provocations.Items[code](lab);

        Assert.Contains(job["results"]!.AsArray(), item => item!["error"]?["code"]?.GetValue<string>() == code);
        if (code == Beyond) return;
        Assert.Equal(0, StatusOf(code));
        Assert.Null(ErrorCodes.StatusOf(code));
    }

    [Fact]
    public void Each_code_of_the_contract_is_provoked()
    {
        var codes = typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!).ToList();
        var provoked = Provocations.Requests.Keys.Concat(Provocations.Items.Keys).ToList();

        Assert.Equal(codes.Order(StringComparer.Ordinal), Table.SelectMany(row => row.Codes.Split(' ')).Order(StringComparer.Ordinal));
        Assert.Equal(codes.Order(StringComparer.Ordinal), provoked.Distinct().Order(StringComparer.Ordinal));
    }

    private static int StatusOf(string code) => code == Beyond ? 409 : Table.Single(row => row.Codes.Split(' ').Contains(code)).Status;
}
