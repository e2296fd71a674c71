using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Rollcall.Cli.Collections;
using Rollcall.Cli.Enrol;
using Rollcall.Cli.Terminal;
using Rollcall.Client.Contracts;
using Spectre.Console;

namespace Rollcall.Cli.People;

/// <summary>Everyone in a collection, as a table or as a JSON object a line. A page at a time, so that it may be any number.</summary>
internal static class ExportCommand
{
    private static readonly Option<string?> Out = new("--out")
    {
        Description = "A .csv or .jsonl file; else JSON Lines to standard output.",
        HelpName = "FILE",
    };

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(15);

    public static Command Create()
    {
        Out.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } path && Path.GetExtension(path) is not (".csv" or ".jsonl")) result.AddError("--out ends with .csv or .jsonl.");
        });
        return Invocation.Create("export", "List every face of a collection, with its person and metadata; photographs and vectors stay at the server.", RunAsync, CollectionChoice.Option, Out);
    }

    private static async Task<int> RunAsync(Invocation invocation)
    {
        using var connection = invocation.Connect();
        var collection = await CollectionChoice.FindAsync(invocation, connection.Client);
        var patience = new Patience(invocation.Time, GiveUpAfter, invocation.Output.Say);
        if (invocation.Get(Out) is not { } file)
        {
            await WriteAsync(System.Console.Out, isCsv: false);
            return ExitCode.Done;
        }

        var path = Path.GetFullPath(file);
        var temporary = path + ".part";
        long faces;
        await using (var writer = new StreamWriter(OwnerFile.Open(temporary, FileMode.Create)))
        {
            faces = await WriteAsync(writer, Path.GetExtension(path) == ".csv");
        }

        File.Move(temporary, path, overwrite: true);
        invocation.Output.Result(new Exported(path, faces), CliJson.Default.Exported, console => console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{faces:N0} faces: {path}")));
        return ExitCode.Done;

        async Task<long> WriteAsync(TextWriter writer, bool isCsv)
        {
            var count = 0L;
            if (isCsv) await writer.WriteLineAsync("external_id,face_id,quality_score,image_sha256,model,created_at,metadata");
            await foreach (var face in FaceLists.AllAsync(connection.Client, collection.Id, patience, invocation.Cancellation))
            {
                await writer.WriteLineAsync(isCsv ? Row(face) : JsonSerializer.Serialize(face, RollcallJson.Options.GetTypeInfo(typeof(Face))));
                count++;
            }

            return count;
        }
    }

    private static string Row(Face face)
    {
        string?[] cells =
        [
            face.ExternalId, face.FaceId, face.QualityScore.ToString("0.####", CultureInfo.InvariantCulture), face.ImageSha256, face.Model,
            face.CreatedAt.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), face.Metadata?.GetRawText(),
        ];
        return string.Join(',', cells.Select(CsvCell.Of));
    }
}
