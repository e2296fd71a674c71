using Rollcall.Cli.Sources;
using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests.Sources;

public sealed class ManifestTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public ManifestTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "photos"));
        File.WriteAllText(Path.Combine(_folder.Path, "photos", "anna.jpg"), "");
    }

    [Fact]
    public void A_table_names_photographs_relative_to_itself()
    {
        var photographs = Read("list.csv", """
            external_id,path,metadata,metadata.site,notes
            e-1,photos/anna.jpg,"{""grade"": 3, ""site"": ""x""}",Berlin,"not
            sent"
            e-2,photos/nobody.jpg,,,
            """, out var source);

        Assert.Equal(("e-1", Path.Combine(_folder.Path, "photos", "anna.jpg"), null), (photographs[0].ExternalId, photographs[0].Location, photographs[0].Refusal));
        Assert.Equal("""{"grade":3,"site":"Berlin"}""", photographs[0].Metadata);
        Assert.Equal(("e-2", null, Refusal.FileNotReadable), (photographs[1].ExternalId, photographs[1].Metadata, photographs[1].Refusal?.Code));
        Assert.Equal(["notes"], Assert.IsType<CsvManifest>(source).Unknown);
    }

    [Fact]
    public void Lines_of_JSON_do_so_as_well()
    {
        var photographs = Read("list.jsonl", """
            {"path": "photos/anna.jpg", "external_id": "e-1", "metadata": {"grade": 3}}

            {"path": "photos/anna.jpg", "external_id": "e-2"}
            """, out _);

        Assert.Equal(["e-1", "e-2"], photographs.Select(photograph => photograph.ExternalId));
        Assert.Equal("""{"grade": 3}""", photographs[0].Metadata);
    }

    [Fact]
    public void A_list_from_Windows_finds_its_files()
    {
        var photographs = Read("list.csv", "path;external_id\nphotos\\anna.jpg;e-1\n", out _);

        Assert.Null(Assert.Single(photographs).Refusal);
    }

    [Fact]
    public void A_head_in_capitals_lines_without_anything_and_numbers_for_ids_are_taken()
    {
        Assert.Equal("e-1", Assert.Single(Read("list.csv", " Path,External_ID \nphotos/anna.jpg,e-1\n\n\n", out _)).ExternalId);
        Assert.Equal("7", Assert.Single(Read("list.jsonl", """{"path": "photos/anna.jpg", "external_id": 7}""", out _)).ExternalId);
    }

    [Theory]
    [InlineData("a.csv", "path,name\nphotos/anna.jpg,anna\n", "line 1")]
    [InlineData("a.csv", "path,external_id\n,e-1\n", "line 2")]
    [InlineData("a.csv", "path,external_id\nphotos/anna.jpg,\n", "line 2")]
    [InlineData("a.csv", "path,external_id,metadata\nphotos/anna.jpg,e-1,[1]\n", "line 2")]
    [InlineData("a.csv", "path,external_id\nphotos/anna.jpg\n", "line 2")]
    [InlineData("a.jsonl", "{\"path\": \"a\\u0000.jpg\", \"external_id\": \"e\"}\n", "line 1")]
    [InlineData("a.jsonl", "{\"path\": \"a.jpg\", \"external_id\": \"\\ud800\"}\n", "line 1")]
    [InlineData("a.jsonl", "{\"path\": \"photos/anna.jpg\"}\n", "line 1")]
    [InlineData("a.jsonl", "{\"path\": \"photos/anna.jpg\", \"external_id\": true}\n", "line 1")]
    [InlineData("a.jsonl", "\n[]\n", "line 2")]
    [InlineData("a.jsonl", "{\"path\"\n", "line 1")]
    public void A_wrong_line_ends_the_command_and_says_where(string name, string text, string where)
    {
        var exception = Assert.Throws<CommandException>(() => Read(name, text, out _));

        Assert.Equal(ExitCode.Usage, exception.ExitCode);
        Assert.Contains(where, exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private List<Photograph> Read(string name, string text, out PhotographSource source)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllText(path, text.ReplaceLineEndings("\n"));
        source = PhotographSource.At(path, ExternalIdRule.File);
        return [.. source.Photographs()];
    }
}
