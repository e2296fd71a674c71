using System.Text;
using System.Text.Json;

namespace Rollcall.Cli.Sources;

/// <summary>
/// A list of photographs with whose they are. Its paths are relative to its own folder. A line that is wrong ends the command before anything is
/// sent: it is the list that has to be mended. A file that is not there is a photograph that fails.
/// </summary>
internal abstract class Manifest(string path) : PhotographSource
{
    private const int LongestMetadata = 16 * 1024;

    private const int DeepestMetadata = 32;

    private readonly string _folder = Path.GetDirectoryName(path)!;

    public override string Name => path;

    public override ValueTask<Stream> OpenAsync(string location, CancellationToken cancellationToken) => ValueTask.FromResult(OpenFile(location));

    protected Photograph Check(long line, string? file, string? externalId, string? metadata)
    {
        if (string.IsNullOrEmpty(file)) throw WrongLine(line, "it has no path.");
        if (file.Contains('\0', StringComparison.Ordinal)) throw WrongLine(line, "its path cannot be one.");
        if (externalId is null) throw WrongLine(line, "it has no external_id.");
        if (ExternalIdRule.Wrong(externalId) is { } why) throw WrongLine(line, why);
        if (string.IsNullOrEmpty(metadata)) metadata = null;
        if (metadata is not null && WrongMetadata(metadata) is { } wrong) throw WrongLine(line, wrong);

        var location = Locate(file);
        return new(location, externalId)
        {
            Metadata = metadata,
            Refusal = File.Exists(location) ? null : new(Refusal.FileNotReadable, $"There is no file '{location}'."),
        };
    }

    /// <summary>As UTF-8, or what its first bytes say. What is neither ends it: 'Müller' and 'Möller' would become one person.</summary>
    protected StreamReader OpenText() => new(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true);

    protected CommandException NoUtf8() => CommandException.Usage($"{path} is not UTF-8: save it as 'CSV UTF-8', or convert it with iconv.");

    protected CommandException WrongLine(long line, string why) => CommandException.Usage($"{path}, line {line}: {why}");

    /// <summary>A list that was made on Windows names its files with '\', which elsewhere is a letter like any other.</summary>
    private string Locate(string file)
    {
        var asWritten = Path.GetFullPath(file, _folder);
        return Path.DirectorySeparatorChar == '/' && file.Contains('\\', StringComparison.Ordinal) && !File.Exists(asWritten)
            ? Path.GetFullPath(file.Replace('\\', '/'), _folder)
            : asWritten;
    }

    private static string? WrongMetadata(string metadata)
    {
        if (Encoding.UTF8.GetByteCount(metadata) > LongestMetadata) return "metadata is at most 16 KB.";
        try
        {
            using var document = JsonDocument.Parse(metadata, new JsonDocumentOptions { MaxDepth = DeepestMetadata });
            return document.RootElement.ValueKind == JsonValueKind.Object ? null : "metadata is a JSON object.";
        }
        catch (JsonException exception)
        {
            return $"metadata is a JSON object, at most 32 levels deep, and this is none: {exception.Message}";
        }
    }
}
