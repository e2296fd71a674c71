using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests.Contracts;

public sealed class WireNameTests
{
    [Fact]
    public void Names_are_the_contracts()
    {
        Assert.Equal(["queued", "processing", "done", "failed"], Names<JobStatus>());
        Assert.Equal(["enrolled", "replaced", "kept", "unchanged", "skipped", "failed"], Names<ItemOutcome>());
        Assert.Equal(["replace", "replace_if_better", "append", "skip", "reject"], Names<OnDuplicate>());
        Assert.Equal(["reject", "largest", "match_existing"], Names<MultipleFaces>());
        Assert.Equal(["owner", "admin", "member", "viewer"], Names<OrganizationRole>());
    }

    [Fact]
    public void Every_name_leads_back_to_its_value() =>
        Assert.All(
            Enum.GetValues<OnDuplicate>(),
            value => Assert.True(WireName.TryParse<OnDuplicate>(WireName.Of(value), out var back) && back == value));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Replace")]
    [InlineData(" replace")]
    [InlineData("0")]
    [InlineData("replace,skip")]
    public void Anything_else_is_no_name(string? name) => Assert.False(WireName.TryParse<OnDuplicate>(name, out _));

    [Fact]
    public void A_value_that_is_none_has_no_name() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WireName.Of((OnDuplicate)99));

    private static IEnumerable<string> Names<TEnum>()
        where TEnum : struct, Enum => Enum.GetValues<TEnum>().Select(WireName.Of);
}
