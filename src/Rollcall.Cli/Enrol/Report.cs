using System.Globalization;
using System.Net;
using System.Text;
using Rollcall.Cli.Sources;

namespace Rollcall.Cli.Enrol;

/// <summary>A file that tells what became of each photograph (CSV), or of each that failed, with its picture (HTML).</summary>
internal static class Report
{
    /// <summary>More would make a page that no browser likes; the table of the others goes on without pictures.</summary>
    private const int MostThumbnails = 2_000;

    private const string Unfinished = ".part";

    private const string Head = """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>Rollcall: what failed</title>
        <style>
        body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1c2530}
        table{border-collapse:collapse;width:100%} td,th{border-bottom:1px solid #dde3ea;padding:.4rem .6rem;text-align:left;vertical-align:top}
        img{max-width:112px;max-height:112px;border-radius:4px} .none{color:#7a8794} code{background:#f1f4f7;padding:.1rem .3rem;border-radius:3px}
        </style>
        """;

    public static bool IsKnown(string path) => Path.GetExtension(path).ToLowerInvariant() is ".csv" or ".html" or ".htm";

    /// <summary>Finds out before anything is sent whether there can be a report.</summary>
    /// <exception cref="CommandException">There cannot.</exception>
    public static void Claim(string path, IReadOnlyList<PhotographSource> sources)
    {
        if (sources.Any(source => source.Name == path)) throw CommandException.Usage($"--report would write over '{path}', which is to be read.");
        try
        {
            OwnerFile.Open(path + Unfinished, FileMode.Create).Dispose();
            File.Delete(path + Unfinished);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Usage, $"The report cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>It shows people, so that only its owner may read it.</summary>
    public static async Task WriteAsync(string path, RunState state, IReadOnlyList<PhotographSource> sources, CancellationToken cancellationToken)
    {
        var temporary = path + Unfinished;
        await using (var writer = new StreamWriter(OwnerFile.Open(temporary, FileMode.Create), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
        {
            if (Path.GetExtension(path).Equals(".csv", StringComparison.OrdinalIgnoreCase))
                await WriteCsvAsync(writer, state, sources, cancellationToken);
            else
                await WriteHtmlAsync(writer, state, sources, cancellationToken);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static async Task WriteCsvAsync(StreamWriter writer, RunState state, IReadOnlyList<PhotographSource> sources, CancellationToken cancellationToken)
    {
        await writer.WriteLineAsync("path,external_id,outcome,code,message,face_id,quality_score,job_id");
        foreach (var line in state.Lines())
        {
            cancellationToken.ThrowIfCancellationRequested();
            string?[] cells =
            [
                sources[(int)line.Source].PathOf(line.Location), line.ExternalId, line.Outcome, line.Code, line.Message, line.FaceId,
                line.Quality?.ToString("0.####", CultureInfo.InvariantCulture), line.JobId,
            ];
            await writer.WriteLineAsync(string.Join(',', cells.Select(CsvCell.Of)));
        }
    }

    private static async Task WriteHtmlAsync(StreamWriter writer, RunState state, IReadOnlyList<PhotographSource> sources, CancellationToken cancellationToken)
    {
        var totals = state.Totals();
        await writer.WriteLineAsync(Head);
        await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"<h1>{totals.Failed:N0} of {totals.Photographs:N0} photographs failed</h1>"));
        await writer.WriteLineAsync("<table><tr><th>reason<th>photographs");
        foreach (var (code, count) in totals.Failures)
        {
            await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"<tr><td><code>{Text(code)}</code><td>{count:N0}"));
        }

        await writer.WriteLineAsync("</table><h2>Each of them</h2><table><tr><th>picture<th>person<th>why<th>file");
        var shown = 0;
        foreach (var line in state.Lines(failedOnly: true))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var source = sources[(int)line.Source];
            var thumbnail = shown < MostThumbnails ? await Thumbnail.OfAsync(source, line.Location, cancellationToken) : null;
            if (thumbnail is not null) shown++;
            var picture = thumbnail is null ? "<span class=\"none\">cannot be shown</span>" : $"<img alt=\"\" src=\"data:image/jpeg;base64,{Convert.ToBase64String(thumbnail)}\">";
            await writer.WriteLineAsync($"<tr><td>{picture}<td>{Text(line.ExternalId)}<td><code>{Text(line.Code)}</code><br>{Text(line.Message)}<td>{Text(source.PathOf(line.Location))}");
        }

        await writer.WriteLineAsync("</table>");
    }

    private static string Text(string? text) => WebUtility.HtmlEncode(text ?? "");
}
