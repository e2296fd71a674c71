using Microsoft.Extensions.Options;
using Rollcall.Server.Hosting;

namespace Rollcall.Server.Storage;

/// <summary><c>storage rotate</c>: stored images under the active key, while no server works on the data folder.</summary>
internal static class StorageCommand
{
    public const string Help =
        """
        storage rotate   writes every stored image anew that is not under Storage:Encryption:ActiveKey: those under older keys and those that
                         are not encrypted. Without an active key it decrypts them all. The server must be stopped; an interrupted
                         run is taken up by the next one. Ends with 1 where an image could not be read, which then stays as it is.

        After './run', or after 'dotnet Rollcall.Server.dll' where it is published, with the settings of the server:

          --data DIR                                      the data folder (default: data)
          --Storage:Encryption:ActiveKey=ID               the key that images are to be under
          --Storage:Encryption:Keys:ID=file:PATH          the keys, older ones too; better as environment variables
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not ["rotate", ..])
            return await OperatorCommand.HelpAsync(args, Help);

        return await OperatorCommand.RunAsync(
            stop => RotateAsync(args[1..], stop), "Every image is as it was or as it should be; run it again for the rest.");
    }

    private static async Task<int> RotateAsync(string[] settings, CancellationToken ct)
    {
        var storage = Options.Create(Configuration.CreateBuilder(settings).Configuration.Read<StorageOptions>("Storage"));
        var keys = new BlobKeys(storage);
        var data = Path.GetFullPath(storage.Value.Data);
        if (!Directory.Exists(data)) throw new StartupException($"There is no data folder {data}: name it with --data DIR.");

        using var folder = new DataFolder(storage); // with its lock: no server works on it
        var source = new SqliteDataSource(folder.Database);
        Migrator.Migrate(source.ConnectionString, SqlDialect.Sqlite);
        await using var database = new Database(source, SqlDialect.Sqlite);
        var book = new BlobKeyBook(database, keys, TimeProvider.System);
        await book.CheckAsync(ct);

        var rotated = await new BlobRotation(folder, keys).RunAsync(ct);
        foreach (var failure in rotated.Failures) await Console.Error.WriteLineAsync(failure);
        Console.WriteLine($"{rotated.Written} images written anew, {rotated.Kept} were {(keys.Active is { } active ? $"under the key '{active.Id}'" : "plain")} already, {rotated.Failures.Count} could not be read.");
        if (rotated.Failures.Count > 0) return OperatorCommand.Wanting;

        await book.ForgetOthersAsync(ct);
        return OperatorCommand.Fine;
    }
}
