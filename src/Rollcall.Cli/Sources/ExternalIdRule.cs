using System.Text;
using System.Text.RegularExpressions;

namespace Rollcall.Cli.Sources;

/// <summary>Whose photograph a file is, by its path below the folder or in the archive; the parts of it are divided by '/'.</summary>
internal sealed class ExternalIdRule
{
    private const int LongestExternalId = 255;

    private readonly Func<string, string?> _read;

    private ExternalIdRule(string name, Func<string, string?> read) => (Text, _read) = (name, read);

    /// <summary>How it was given.</summary>
    public string Text { get; }

    public static ExternalIdRule File { get; } = new("file", path => Path.GetFileNameWithoutExtension(Last(path)));

    public static ExternalIdRule Folder { get; } = new("folder", path => path.LastIndexOf('/') is > 0 and var end ? Last(path[..end]) : null);

    /// <exception cref="CommandException">It is no rule.</exception>
    public static ExternalIdRule Parse(string text) => text switch
    {
        "file" => File,
        "folder" => Folder,
        _ => Pattern(text),
    };

    /// <summary>Names that come from several folders may be as many people: nobody is put together by a rule that nobody has given.</summary>
    public static CommandException Scattered(IReadOnlyList<string> ids) => CommandException.Usage(
        $"Files in different folders are called {string.Join(", ", ids.Select(id => $"'{id}'"))}. Is the folder the person? Then add --id folder; if they are one person's, --id file.");

    /// <summary>The external id, or why there is none.</summary>
    public Photograph Name(string location, string relativePath)
    {
        var id = _read(relativePath) is { } read ? Composed(read) : null;
        return id switch
        {
            null => Refused($"The rule '{Text}' finds no external id in '{relativePath}'."),
            _ when Wrong(id) is { } why => Refused($"'{relativePath}': {why}"),
            _ => new(location, id),
        };

        Photograph Refused(string message) => new(location, "") { Refusal = new(Refusal.NoExternalId, message) };
    }

    /// <summary>The contract's rules for an external id; null when it may stand.</summary>
    public static string? Wrong(string id)
    {
        if (id.Length == 0) return "an external id is not empty.";
        if (id.EnumerateRunes().Count() > LongestExternalId) return $"an external id has at most {LongestExternalId} characters.";
        if (id.EnumerateRunes().Any(Rune.IsControl)) return "an external id has no control characters.";
        return Broken(id) ? "an external id is Unicode text." : null;
    }

    /// <summary>
    /// File systems give the same letters composed or decomposed. External ids are compared by code points, so a folder that was copied
    /// from one machine to another would enrol everybody anew.
    /// </summary>
    private static string Composed(string id) => Broken(id) ? id : id.Normalize(NormalizationForm.FormC);

    private static bool Broken(string id)
    {
        for (var i = 0; i < id.Length; i++)
        {
            if (char.IsHighSurrogate(id[i]) && i + 1 < id.Length && char.IsLowSurrogate(id[i + 1]))
                i++;
            else if (char.IsSurrogate(id[i]))
                return true;
        }

        return false;
    }

    private static ExternalIdRule Pattern(string text)
    {
        try
        {
            // Without backtracking no pattern can hang on a path.
            var regex = new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);
            if (!regex.GetGroupNames().Contains("id"))
                throw CommandException.Usage($"The pattern '{text}' has no group (?<id>…) for the external id. 'file' and 'folder' are the ready-made rules.");
            return new(text, path => regex.Match(path) is { Success: true } match && match.Groups["id"].Success ? match.Groups["id"].Value : null);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw CommandException.Usage($"'{text}' is no pattern: {exception.Message}");
        }
    }

    private static string Last(string path) => path[(path.LastIndexOf('/') + 1)..];
}
