using System.Globalization;
using Rollcall.Faces.Models;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Recognition;

/// <summary>
/// <c>models list|pull|check</c>: the files of the model packs, without a server and without the lock on the data folder, so
/// that it may run beside a server that works on it.
/// </summary>
internal static class ModelsCommand
{
    public const string Help =
        """
        models list           every pack: its files, licences, public addresses, and where a file lies already
        models pull [PACK]    obtains and verifies all files of a pack: the folder, the cache, the mirror, the public address
        models check [PACK]   verifies what is there; ends with 1 where a file is wrong, or one is missing that the server needs

        Each after './run', or after 'dotnet Rollcall.Server.dll' where it is published.

          PACK                  standard, retail, opencv-zoo or compact; else the one that is configured (Models:Pack), else standard
          --data DIR            the data folder, whose models/ is the cache (default: data)
          --Models:Mirror=DIR, --Models:Folder=DIR, --Models:AllowDownload=false   as for the server
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        var named = args.Length > 1 && !args[1].StartsWith('-') ? args[1] : null;
        if (args is not ["list" or "pull" or "check", ..] || (args[0] == "list" && named is not null))
            return await OperatorCommand.HelpAsync(args, Help);

        return await OperatorCommand.RunAsync(
            stop => RunAsync(args[0], named, args[(named is null ? 1 : 2)..], stop), "What was downloaded in part is kept; the next pull goes on from there.");
    }

    private static async Task<int> RunAsync(string verb, string? named, string[] settings, CancellationToken ct)
    {
        var configuration = Configuration.CreateBuilder(settings).Configuration;
        var models = configuration.Read<ModelOptions>("Models");
        var data = Path.GetFullPath(configuration["Storage:Data"] ?? new StorageOptions().Data);
        var id = named ?? models.Pack ?? ModelPack.Standard.Id;
        var pack = PackChoice.Known(id);

        // What it found goes to the output, what it does on the way to the errors: a script may read the one without the other.
        using var loggers = LoggerFactory.Create(logging => logging
            .AddSimpleConsole(console => console.SingleLine = true)
            .Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        using var http = new HttpClient(RecognitionSetup.NewWayOut()) { Timeout = Timeout.InfiniteTimeSpan };
        var options = models.ToStore(Path.Combine(data, DataFolder.ModelsName));
        var store = new ModelStore(options, http, TimeProvider.System, loggers.CreateLogger<ModelStore>());
        switch (verb)
        {
            case "list":
                foreach (var each in ModelPack.All) await ListAsync(store, each, each == pack, ct);
                return OperatorCommand.Fine;
            case "pull":
                DataFolder.CreatePrivate(data);
                DataFolder.CreatePrivate(options.Cache);
                return await PullAsync(store, pack, ct);
            default:
                return await CheckAsync(store, pack, ct);
        }
    }

    private static async Task ListAsync(ModelStore store, ModelPack pack, bool chosen, CancellationToken ct)
    {
        Console.WriteLine($"{pack.Id}: {pack.Dimensions} numbers a face{(pack.BuiltIn ? "; built in, runs only with Models:AllowBuiltIn=true" : "")}{(chosen ? "; the one that is configured" : "")}");
        if (pack.Caveat is not null) Console.WriteLine($"  {pack.Caveat}");
        foreach (var file in pack.Files)
        {
            var copies = await store.LookAsync(pack, file, ct);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"  {RoleOf(file),-8} {file.Name}, {file.Bytes:N0} bytes{(pack.Needs(file) ? "" : ", not needed to start")}"));
            Console.WriteLine($"    sha-256  {file.Sha256}");
            Console.WriteLine($"    licence  {file.Licence}");
            Console.WriteLine($"    source   {(pack.BuiltIn ? "none: a part of this program" : file.Source?.ToString() ?? "none: from its supplier, through a mirror or a folder")}");
            Console.WriteLine($"    here     {copies.FirstOrDefault(copy => copy.Fault is null)?.Path ?? "no"}");
            foreach (var wrong in copies.Where(copy => copy.Fault is not null)) Console.WriteLine($"    wrong    {wrong.Path} {wrong.Fault}");
        }
    }

    private static async Task<int> PullAsync(ModelStore store, ModelPack pack, CancellationToken ct)
    {
        var verdict = OperatorCommand.Fine;
        foreach (var file in pack.Files)
        {
            try
            {
                Console.WriteLine($"ok       {RoleOf(file),-8} {await store.ObtainFileAsync(pack, file, ct)}");
            }
            catch (ModelPackUnavailableException e)
            {
                Console.WriteLine($"missing  {RoleOf(file),-8} {file.Name}{(pack.Needs(file) ? "" : " (not needed to start)")}");
                await Console.Error.WriteLineAsync(e.Message);
                verdict = OperatorCommand.Wanting;
            }
        }

        return verdict;
    }

    private static async Task<int> CheckAsync(ModelStore store, ModelPack pack, CancellationToken ct)
    {
        var verdict = OperatorCommand.Fine;
        foreach (var file in pack.Files)
        {
            var copies = await store.LookAsync(pack, file, ct);
            foreach (var copy in copies) Console.WriteLine($"{(copy.Fault is null ? "ok" : "wrong"),-8} {RoleOf(file),-8} {copy.Path} {copy.Fault}".TrimEnd());
            if (copies.Count == 0) Console.WriteLine($"missing  {RoleOf(file),-8} {file.Name}{(pack.Needs(file) ? "" : " (not needed to start)")}");
            if (copies.Any(copy => copy.Fault is not null) || (copies.Count == 0 && pack.Needs(file))) verdict = OperatorCommand.Wanting;
        }

        var mend = pack.BuiltIn ? "build or install the program anew" : $"obtain it with 'models pull {pack.Id}'";
        Console.WriteLine(verdict == OperatorCommand.Fine ? $"The pack {pack.Id} can be started." : $"The pack {pack.Id} is not in order: {mend}.");
        return verdict;
    }

    private static string RoleOf(ModelFile file) => file.Role.ToString().ToLowerInvariant();
}
