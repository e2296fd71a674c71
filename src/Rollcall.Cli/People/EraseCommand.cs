using System.CommandLine;
using Rollcall.Cli.Collections;
using Spectre.Console;

namespace Rollcall.Cli.People;

/// <summary>Takes a person out of a collection with all that is kept of them.</summary>
internal static class EraseCommand
{
    private static readonly Argument<string> ExternalId = new("external-id") { Description = "Who." };
    private static readonly Option<bool> Suppress = new("--suppress") { Description = "And let nobody enrol them again until an administrator lifts it." };
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask." };

    public static Command Create() => Invocation.Create(
        "erase", "Erase a person: vectors, photographs, and what jobs remember of them.", RunAsync, ExternalId, CollectionChoice.Option, Suppress, Yes);

    private static async Task<int> RunAsync(Invocation invocation)
    {
        using var connection = invocation.Connect();
        var collection = await CollectionChoice.FindAsync(invocation, connection.Client);
        var id = invocation.Get(ExternalId);
        if (!invocation.Output.Confirm($"Erase '{id}' from '{collection.Name}' for ever?", invocation.Get(Yes))) return ExitCode.Usage;
        var receipt = await connection.Client.ErasePersonAsync(collection.Id, id, invocation.Get(Suppress), invocation.Cancellation);
        invocation.Output.Result(receipt, console => console.WriteLine(
            $"Erased: {receipt.Faces} faces, {receipt.SupersededFaces} superseded ones, {receipt.Images + receipt.Uploads} images; {receipt.EndedItems} open items ended."));
        return ExitCode.Done;
    }
}
