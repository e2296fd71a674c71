using System.CommandLine;
using System.Globalization;
using Rollcall.Client.Contracts;
using Spectre.Console;

namespace Rollcall.Cli.Collections;

internal static class CollectionsCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "The name; names need not be unique." };
    private static readonly Argument<string> Which = new("collection") { Description = "The collection, by its id or name." };
    private static readonly Option<string?> Description = new("--description") { Description = "A line about it." };
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Do not ask." };

    public static Command Create()
    {
        var command = Invocation.Create("collections", "List the collections; or create, show or delete one.", ListAsync);
        command.Subcommands.Add(Invocation.Create("list", "List the collections.", ListAsync));
        command.Subcommands.Add(Invocation.Create("create", "Create a collection.", CreateAsync, Name, Description));
        command.Subcommands.Add(Invocation.Create("show", "Show a collection with its settings.", ShowAsync, Which));
        command.Subcommands.Add(Invocation.Create("delete", "Delete a collection with everyone in it.", DeleteAsync, Which, Yes));
        return command;
    }

    private static async Task<int> ListAsync(Invocation invocation)
    {
        using var connection = invocation.Connect();
        List<Collection> all = [];
        await foreach (var collection in CollectionChoice.AllAsync(invocation, connection.Client))
        {
            all.Add(collection);
        }

        invocation.Output.Result(new CollectionList { Collections = all, NextCursor = null }, console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("id", "name").AddColumn("people", column => column.RightAligned()).AddColumn("faces", column => column.RightAligned());
            foreach (var one in all)
            {
                table.AddRow(Markup.Escape(one.Id), Markup.Escape(one.Name), Number(one.PersonCount), Number(one.FaceCount));
            }

            console.Write(table);
        });
        return ExitCode.Done;
    }

    private static async Task<int> CreateAsync(Invocation invocation)
    {
        using var connection = invocation.Connect();
        var created = await connection.Client.CreateCollectionAsync(
            new CreateCollection { Name = invocation.Get(Name), Description = invocation.Get(Description) }, invocation.Cancellation);
        invocation.Output.Result(created, console => console.WriteLine(created.Id));
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(Invocation invocation)
    {
        using var connection = invocation.Connect();
        var collection = await CollectionChoice.FindAsync(invocation, connection.Client, invocation.Get(Which));
        invocation.Output.Result(collection, console =>
        {
            var rows = new Grid().AddColumns(2);
            var settings = collection.Settings;
            void Row(string name, object? value) => rows.AddRow(name, Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{value ?? "-"}")));
            Row("id", collection.Id);
            Row("name", collection.Name);
            Row("description", collection.Description);
            Row("people", Number(collection.PersonCount));
            Row("faces", Number(collection.FaceCount));
            Row("model", collection.Model?.Id);
            Row("on_duplicate", WireName.Of(settings.OnDuplicate));
            Row("multiple_faces", WireName.Of(settings.MultipleFaces));
            Row("min_quality", settings.MinQuality);
            Row("check_liveness", settings.CheckLiveness);
            Row("identity_guard", settings.IdentityGuard);
            Row("keep_images", settings.KeepImages);
            Row("retention_days", settings.RetentionDays);
            console.Write(rows);
        });
        return ExitCode.Done;
    }

    private static async Task<int> DeleteAsync(Invocation invocation)
    {
        using var connection = invocation.Connect();
        var collection = await CollectionChoice.FindAsync(invocation, connection.Client, invocation.Get(Which));
        var question = $"Delete the collection '{collection.Name}' with {Number(collection.PersonCount)} people for ever?";
        if (!invocation.Output.Confirm(question, invocation.Get(Yes))) return ExitCode.Usage;
        var deleted = await connection.Client.DeleteCollectionAsync(collection.Id, invocation.Cancellation);
        invocation.Output.Result(deleted, console => console.WriteLine($"Deleted with {Number(deleted.Faces)} faces."));
        return ExitCode.Done;
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
