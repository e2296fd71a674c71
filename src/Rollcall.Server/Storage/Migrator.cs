using DbUp;
using DbUp.Engine;

namespace Rollcall.Server.Storage;

/// <summary>Brings the schema to the newest numbered script before the host starts; each script is one transaction.</summary>
internal static class Migrator
{
    public static void Migrate(string connectionString, SqlDialect dialect)
    {
        var result = DeployChanges.To
            .SqliteDatabase(connectionString)
            .WithScriptsEmbeddedInAssembly(typeof(Migrator).Assembly, name => name.Contains(".Storage.Migrations.", StringComparison.Ordinal))
            .WithVariable("blob", dialect.Blob)
            .WithVariable("identity", dialect.Identity)
            .WithTransactionPerScript()
            .LogToNowhere()
            .Build()
            .PerformUpgrade();

        if (!result.Successful) throw new StartupException($"The database could not be brought to this version: {Describe(result)}", result.Error);
    }

    private static string Describe(DatabaseUpgradeResult result) => $"{result.ErrorScript?.Name}: {result.Error.Message}";
}
