using System.Text;
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
        var columns = table.Header.ColNames.Select(name => name.Trim()).ToList();
        var (file, id, metadata) = (Column("path"), Column("external_id"), Column("metadata"));
        if (file < 0 || id < 0) throw WrongLine(1, $"the head names the columns, and needs 'path' and 'external_id'. It has: {string.Join(", ", columns)}.");
        var texts = columns.Index().Where(column => column.Item.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)).ToList();
        Unknown = [.. columns.Index().Where(one => one.Index != file && one.Index != id && one.Index != metadata && !texts.Contains(one)).Select(one => one.Item)];

        while (Next(table))
        {
            if (table.Current.Span.IsWhiteSpace()) continue;
            yield return Read(table.Current);
        }

        int Column(string name) => columns.FindIndex(column => column.Equals(name, StringComparison.OrdinalIgnoreCase));

        Photograph Read(SepReader.Row row)
        {
            if (row.ColCount != columns.Count) throw WrongLine(row.LineNumberFrom, $"it has {row.ColCount} columns, and the head has {columns.Count}.");
            var own = metadata < 0 ? null : row[metadata].ToString();
            return Check(row.LineNumberFrom, row[file].ToString(), row[id].ToString(), texts.Count == 0 ? own : Merge(row, own, texts));
        }
    }

    private string? Merge(SepReader.Row row, string? metadata, List<(int Index, string Item)> texts)
    {
        JsonObject? merged = null;
        try
        {
            if (!string.IsNullOrEmpty(metadata)) merged = JsonNode.Parse(metadata) as JsonObject ?? throw WrongLine(row.LineNumberFrom, "metadata is a JSON object.");
        }
        catch (System.Text.Json.JsonException exception)
        {
            throw WrongLine(row.LineNumberFrom, $"metadata is a JSON object, and this is none: {exception.Message}");
        }

        foreach (var (index, name) in texts)
        {
            if (row[index].ToString() is { Length: > 0 } text) (merged ??= [])[name[Prefix.Length..]] = text;
        }

        return merged?.ToJsonString();
    }

    private SepReader Open()
    {
        try
        {
            return Sep.Reader(options => options with { Unescape = true, DisableColCountCheck = true }).From(OpenText());
        }
        catch (DecoderFallbackException)
        {
            throw NoUtf8();
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
        catch (DecoderFallbackException)
        {
            throw NoUtf8();
        }
        catch (Exception exception) when (exception is InvalidDataException or NotSupportedException)
        {
            throw CommandException.Usage($"{_path} cannot be read as a table: {exception.Message}");
        }
    }
}
