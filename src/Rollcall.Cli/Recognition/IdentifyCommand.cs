using System.CommandLine;
using System.Globalization;
using Rollcall.Cli.Collections;
using Rollcall.Client;
using Spectre.Console;

namespace Rollcall.Cli.Recognition;

/// <summary>Who is in a photograph?</summary>
internal static class IdentifyCommand
{
    private static readonly Argument<string> Image = new("image") { Description = "The probe: a JPEG, PNG or WebP file." };
    private static readonly Option<int?> Top = new("--top") { Description = "At most this many people, 1 to 100.", HelpName = "N" };
    private static readonly Option<double?> Threshold = new("--threshold") { Description = "The least similarity, 0 to 1; else by the collection's size.", HelpName = "SCORE" };

    public static Command Create() => Invocation.Create(
        "identify", "Say who is in a photograph. Exit code 1 when it is nobody of the collection.", RunAsync, Image, CollectionChoice.Option, Top, Threshold);

    private static async Task<int> RunAsync(Invocation invocation)
    {
        using var connection = invocation.Connect();
        var probe = Probe.Open(invocation.Get(Image));
        var collection = await CollectionChoice.FindAsync(invocation, connection.Client);
        var options = new IdentifyOptions { TopK = invocation.Get(Top), Threshold = invocation.Get(Threshold) };
        var found = await connection.Client.IdentifyAsync(collection.Id, probe, options, invocation.Cancellation);
        invocation.Output.Result(found, console =>
        {
            if (found.Matches.Count == 0)
            {
                console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Nobody of {found.Searched:N0} faces is at or above {found.Threshold:0.000}."));
                return;
            }

            var table = new Table().Border(TableBorder.Simple).AddColumn("similarity", column => column.RightAligned()).AddColumns("person", "face");
            foreach (var match in found.Matches)
            {
                table.AddRow(match.Similarity.ToString("0.000", CultureInfo.InvariantCulture), Markup.Escape(match.ExternalId), Markup.Escape(match.FaceId));
            }

            console.Write(table);
        });
        return found.Matches.Count > 0 ? ExitCode.Done : ExitCode.SomeFailed;
    }
}
