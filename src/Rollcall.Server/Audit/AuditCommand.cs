using Dapper;
using Rollcall.Server.Hosting;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Audit;

/// <summary><c>audit verify</c>: the chains of the audit log, without a server and without the lock on the data folder, so that it may run beside one.</summary>
internal static class AuditCommand
{
    private const string Organization = "--organization";
    private const string Head = "--head";

    public const string Help =
        """
        audit verify [--organization ID [--head NUMBER:HASH]]   goes through the audit log of every organization, or of one

        After './run', or after 'dotnet Rollcall.Server.dll' where it is published. It changes nothing and may run beside a server. A line for each
        organization: the entries and the head that they lead to, or the first entry that is not what was written. Ends with 1 where one is not.

          --organization ID     one organization
          --head NUMBER:HASH    a head that was kept elsewhere: the log must still lead to it, else it was cut or written anew
          --data DIR            the data folder (default: data)
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is not ["verify", ..] || Read(args[1..]) is not var (organization, anchor, settings))
            return await OperatorCommand.HelpAsync(args, Help);

        return await OperatorCommand.RunAsync(stop => VerifyAsync(organization, anchor, settings, stop), "What the lines above do not name was not gone through.");
    }

    /// <summary>What it has to itself, and the settings that are left; null when it is not understood.</summary>
    private static (string? Organization, AuditHead? Anchor, string[] Settings)? Read(string[] args)
    {
        var (organization, anchor, settings) = ((string?)null, (AuditHead?)null, new List<string>());
        for (var i = 0; i < args.Length; i++)
        {
            var (name, value) = args[i].Split('=', 2) is [var before, var after] ? (before, after) : (args[i], null);
            if (name is not (Organization or Head))
            {
                settings.Add(args[i]);
                continue;
            }

            if (value is null && ++i == args.Length) return null;
            if (name == Organization) organization = value ?? args[i];
            else if (!AuditHead.TryParse(value ?? args[i], out anchor)) return null;
        }

        return anchor is not null && organization is null ? null : (organization, anchor, [.. settings]);
    }

    private static async Task<int> VerifyAsync(string? organization, AuditHead? anchor, string[] settings, CancellationToken ct)
    {
        var folder = Path.GetFullPath(Configuration.CreateBuilder(settings).Configuration["Storage:Data"] ?? new StorageOptions().Data);
        var file = Path.Combine(folder, DataFolder.DatabaseName);
        if (!File.Exists(file)) throw new StartupException($"There is no database in {folder}: name the data folder with --data DIR.");

        DefaultTypeMap.MatchNamesWithUnderscores = true;
        await using var database = new Database(new SqliteDataSource(file), SqlDialect.Sqlite);
        var verifier = new AuditVerifier(database);
        if (!await verifier.IsThereAsync()) throw new StartupException($"The database in {folder} is from a version without an audit log.");
        var organizations = await verifier.OrganizationsAsync(organization, ct);
        if (organizations.Count == 0 && organization is not null) throw new StartupException($"There is no organization {organization} in {folder}.");

        var code = OperatorCommand.Fine;
        foreach (var id in organizations)
        {
            var (head, found, open) = await verifier.VerifyAsync(id, anchor, ct);
            Console.WriteLine(found is null ? $"ok      {id} {head}" : $"broken  {id} at {found.Number}: {found.Reason}; good up to {head}");
            if (open > 0) Console.WriteLine($"        {open} entries are not in the chain yet; a server that runs, or the next start, puts them there");
            if (found is not null) code = OperatorCommand.Wanting;
        }

        return code;
    }
}
