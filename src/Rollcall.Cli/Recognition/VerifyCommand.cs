using System.CommandLine;
using System.Globalization;
using Rollcall.Cli.Collections;
using Rollcall.Client;
using Spectre.Console;

namespace Rollcall.Cli.Recognition;

/// <summary>Is it the person whom somebody claims to be?</summary>
internal static class VerifyCommand
{
    private static readonly Argument<string> Image = new("image") { Description = "The probe: a JPEG, PNG or WebP file." };
    private static readonly Argument<string> ExternalId = new("external-id") { Description = "The person whom it claims to show." };
    private static readonly Option<double?> Threshold = new("--threshold") { Description = "The least similarity, 0 to 1; else 0.5.", HelpName = "SCORE" };

    public static Command Create() => Invocation.Create(
        "verify", "Say whether a photograph shows a person. Exit code 1 when it does not.", RunAsync, Image, ExternalId, CollectionChoice.Option, Threshold);

    private static async Task<int> RunAsync(Invocation invocation)
    {
        using var connection = invocation.Connect();
        var probe = Probe.Open(invocation.Get(Image));
        var collection = await CollectionChoice.FindAsync(invocation, connection.Client);
        var verdict = await connection.Client.VerifyPersonAsync(
            collection.Id, invocation.Get(ExternalId), probe, new VerifyOptions { Threshold = invocation.Get(Threshold) }, invocation.Cancellation);
        invocation.Output.Result(verdict, console => console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{(verdict.Verified ? "Yes" : "No")}: similarity {verdict.Similarity:0.000}, threshold {verdict.Threshold:0.000}.")));
        return verdict.Verified ? ExitCode.Done : ExitCode.SomeFailed;
    }
}
