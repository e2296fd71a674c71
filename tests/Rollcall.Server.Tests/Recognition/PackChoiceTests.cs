using Rollcall.Server.Recognition;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Tests.Recognition;

/// <summary>The rule for the pack of a start, before any file is looked for. <see cref="BuiltInTests"/> has it over real hosts.</summary>
public sealed class PackChoiceTests
{
    [Theory]
    [InlineData(null, "", true, "standard")] // where nothing of it can be had, the built-in one runs instead
    [InlineData(null, "", false, "standard")]
    [InlineData("retail", "", true, "retail")]
    [InlineData("compact", "", true, "compact")]
    [InlineData(null, "standard", true, "standard")]
    [InlineData(null, "retail", true, "retail")]
    [InlineData(null, "retail", false, "retail")]
    [InlineData(null, "retail standard", false, "retail")]
    [InlineData("standard", "retail", false, "standard")]
    [InlineData(null, "compact", true, "compact")]
    [InlineData("standard", "compact", false, "standard")]
    [InlineData(null, "compact standard", true, "standard")] // it has moved
    [InlineData(null, "compact standard", false, "standard")]
    [InlineData("compact", "compact standard", true, "compact")]
    [InlineData(null, "of-a-later-build", true, "standard")]
    [InlineData(null, "of-a-later-build compact", true, "standard")]
    public void It_is_the_one_that_is_asked_for_else_that_of_the_collections(string? asked, string used, bool allowed, string pack) =>
        Assert.Equal(pack, PackChoice.Choose(asked, used.Split(' ', StringSplitOptions.RemoveEmptyEntries), allowed).Id);

    [Theory]
    [InlineData("compact", "", false, "asks for the built-in model pack")]
    [InlineData("compact", "compact", false, "asks for the built-in model pack")]
    [InlineData(null, "compact", false, "were made with the built-in model pack 'compact'")]
    [InlineData("compact", "standard", true, "were made with the model pack 'standard'")]
    [InlineData("compact", "retail standard", true, "were made with the model pack 'retail'")]
    [InlineData("nonesuch", "", true, "standard, retail, opencv-zoo, compact")]
    public void The_built_in_pack_runs_neither_unallowed_nor_on_the_collections_of_another(string? asked, string used, bool allowed, string why)
    {
        var refused = Assert.Throws<StartupException>(() => PackChoice.Choose(asked, used.Split(' ', StringSplitOptions.RemoveEmptyEntries), allowed));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }
}
