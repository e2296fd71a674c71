using Rollcall.Cli.Enrol;

namespace Rollcall.Cli.Tests.Enrol;

public sealed class CsvCellTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("anna", "anna")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("-1,2", "\"'-1,2\"")]
    public void A_cell_is_quoted_and_no_formula(string? text, string cell) => Assert.Equal(cell, CsvCell.Of(text));
}
