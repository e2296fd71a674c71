using System.Text.Json.Nodes;
using nietras.SeparatedValues;

namespace Rollcall.Cli.Sources;

/// <summary>
/// A table with a head: <c>path</c>, <c>external_id</c>, and if wanted <c>metadata</c> (a JSON object) or columns called
/// <c>metadata.NAME</c>, which become its texts. The separator is told from the head.
/// </summary>
internal sealed class CsvManifest(string path) : Manifest(path)
{
    private const string Prefix = "metadata.";

    private readonly string _path = path;

    /// <summary>Columns that mean nothing here.</summary>
    public IReadOnlyList<string> Unknown { get; private set; } = [];

    public override IEnumerable<Photograph> Photographs()
    {
        using var table = Open();
        var columns = table.Header.ColNames;
        if (!columns.Contains("path") || !columns.Contains("external_id"))
            throw WrongLine(1, "the head names the columns, and needs 'path' and 'external_id'.");
        var texts = columns.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToArray();
        var hasMetadata = columns.Contains("metadata");
        Unknown = [.. columns.Where(name => name is not ("path" or "external_id" or "metadata") && !texts.Contains(name))];

        while (Next(table))
        {
            yield return Read(table.Current);
        }

        Photograph Read(SepReader.Row row)
        {
            var metadata = hasMetadata ? row["metadata"].ToString() : null;
            return Check(
                row.LineNumberFrom, row["path"].ToString(), row["external_id"].ToString(), texts.Length == 0 ? metadata : Merge(row, metadata, texts));
        }
    }

    private string? Merge(SepReader.Row row, string? metadata, string[] texts)
    {
        JsonObject? merged = null;
        try
        {
            merged = string.IsNullOrEmpty(metadata) ? null : JsonNode.Parse(metadata) as JsonObject;
        }
        catch (System.Text.Json.JsonException exception)
        {
            throw WrongLine(row.LineNumberFrom, $"metadata is a JSON object, and this is none: {exception.Message}");
        }

        foreach (var name in texts)
        {
            if (row[name].ToString() is { Length: > 0 } text) (merged ??= [])[name[Prefix.Length..]] = text;
        }

        return merged?.ToJsonString();
    }

    private SepReader Open()
    {
        try
        {
            return Sep.Reader(options => options with { Unescape = true }).FromFile(_path);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidDataException)
        {
            throw WrongLine(1, $"the head cannot be read: {exception.Message}");
        }
    }

    private bool Next(SepReader table)
    {
        try
        {
            return table.MoveNext();
        }
        catch (InvalidDataException exception)
        {
            throw CommandException.Usage($"{_path} cannot be read as a table: {exception.Message}");
        }
    }
}
