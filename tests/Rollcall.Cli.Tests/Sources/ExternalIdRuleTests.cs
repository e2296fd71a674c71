using Rollcall.Cli.Sources;

namespace Rollcall.Cli.Tests.Sources;

public sealed class ExternalIdRuleTests
{
    [Theory]
    [InlineData("file", "anna.jpg", "anna")]
    [InlineData("file", "2026/07/anna.v2.jpg", "anna.v2")]
    [InlineData("folder", "anna/1.jpg", "anna")]
    [InlineData("folder", "sales/anna/1.jpg", "anna")]
    [InlineData(@"(?<id>[^/]+)_\d+\.jpg$", "sales/anna_0001.jpg", "anna")]
    [InlineData("^(?<id>[^/]+/[^/]+)/", "sales/anna/1.jpg", "sales/anna")]
    [InlineData("file", "Ame\u0301lie.jpg", "Amélie")]
    public void A_path_gives_an_external_id(string rule, string path, string id)
    {
        var photograph = ExternalIdRule.Parse(rule).Name(path, path);

        Assert.Equal((id, null), (photograph.ExternalId, photograph.Refusal));
    }

    [Theory]
    [InlineData("folder", "anna.jpg")]
    [InlineData("(?<id>[0-9]+)", "anna.jpg")]
    [InlineData("(?<id>x*)", "anna.jpg")]
    [InlineData("file", "a\u0007b.jpg")]
    public void A_path_that_names_nobody_is_told(string rule, string path) =>
        Assert.Equal(Refusal.NoExternalId, ExternalIdRule.Parse(rule).Name(path, path).Refusal?.Code);

    [Theory]
    [InlineData("(?<person>.*)")]
    [InlineData("(?<id>[")]
    [InlineData(@"(?<id>.)\k<id>")]
    public void A_rule_that_is_none_is_refused(string rule) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandException>(() => ExternalIdRule.Parse(rule)).ExitCode);

    [Fact]
    public void An_id_has_255_characters_and_a_letter_beyond_the_first_plane_is_one()
    {
        Assert.Null(ExternalIdRule.Wrong(string.Concat(Enumerable.Repeat("😀", 255))));
        Assert.NotNull(ExternalIdRule.Wrong(new string('a', 256)));
        Assert.NotNull(ExternalIdRule.Wrong("half a pair \ud83d"));
    }

    [Theory]
    [InlineData("a/1.JPG", false)]
    [InlineData("a/1.webp", false)]
    [InlineData("a/1.heic", true)]
    public void Pictures_in_another_format_are_told_as_failures(string path, bool refused) =>
        Assert.Equal(refused, PictureNames.Judge(path, path, 1, ExternalIdRule.Folder)!.Refusal is not null);

    [Theory]
    [InlineData("a/notes.txt")]
    [InlineData("a/._1.jpg")]
    [InlineData("a/Thumbs.db")]
    public void Other_files_are_passed_over(string path) => Assert.Null(PictureNames.Judge(path, path, 1, ExternalIdRule.Folder));
}
