using System.CommandLine;
using Rollcall.Cli.Access;
using Rollcall.Cli.Collections;
using Rollcall.Client;

namespace Rollcall.Cli.Jobs;

/// <summary>The job that a command works on. It is asked for in its organization where that is known, else in its collection.</summary>
internal static class JobArgument
{
    public static readonly Argument<string> JobId = new("job") { Description = "The job's id." };

    public static async Task<BatchAddress> FindAsync(Invocation invocation, Connection connection)
    {
        var id = invocation.Get(JobId);
        if (!Guid.TryParse(id, out _)) throw CommandException.Usage($"'{id}' is no id of a job: that is a UUID. 'rollcall jobs' lists them.");
        return connection.Organization is { } organization && !invocation.Gave(CollectionChoice.Option)
            ? BatchAddress.InOrganization(organization, id)
            : BatchAddress.InCollection((await CollectionChoice.FindAsync(invocation, connection.Client)).Id, id);
    }
}
