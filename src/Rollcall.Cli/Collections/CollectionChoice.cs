using System.CommandLine;
using Rollcall.Cli.Enrol;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Collections;

/// <summary>The collection that a command works on: by id, by name, or the only one.</summary>
internal static class CollectionChoice
{
    public static readonly Option<string?> Option = new("--collection", "-c")
    {
        Description = "The collection, by its id or name; else ROLLCALL_COLLECTION, or the only one that there is.",
        HelpName = "COLLECTION",
    };

    /// <summary>A busy server is waited for.</summary>
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(15);

    public static Task<Collection> FindAsync(Invocation invocation, RollcallClient client) =>
        FindAsync(invocation, client, invocation.Get(Option) ?? (Environment.GetEnvironmentVariable("ROLLCALL_COLLECTION") is { Length: > 0 } chosen ? chosen : null));

    public static async Task<Collection> FindAsync(Invocation invocation, RollcallClient client, string? asked)
    {
        if (asked is not null && asked.StartsWith("col_", StringComparison.Ordinal))
            return await AskAsync(invocation, () => client.GetCollectionAsync(asked, invocation.Cancellation));

        List<Collection> fitting = [];
        List<string> names = [];
        await foreach (var collection in AllAsync(invocation, client))
        {
            names.Add(collection.Name);
            if (asked is null || collection.Name == asked) fitting.Add(collection);
        }

        return (fitting, asked) switch
        {
            ([var only], _) => only,
            ([], null) => throw CommandException.Usage("There is no collection yet: run 'rollcall collections create NAME'."),
            ([], _) => throw CommandException.Usage($"There is no collection '{asked}'. There are: {string.Join(", ", names)}."),
            (_, null) => throw CommandException.Usage($"Say which collection, with --collection. There are: {string.Join(", ", names)}."),
            _ => throw CommandException.Usage($"{fitting.Count} collections are called '{asked}': name one by its id, {string.Join(" or ", fitting.Select(one => one.Id))}."),
        };
    }

    public static async IAsyncEnumerable<Collection> AllAsync(Invocation invocation, RollcallClient client)
    {
        string? cursor = null;
        do
        {
            var page = await AskAsync(invocation, () => client.ListCollectionsAsync(limit: 200, cursor: cursor, cancellationToken: invocation.Cancellation));
            foreach (var collection in page.Collections)
            {
                yield return collection;
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    /// <summary>A server that is not there is told at once: it is the first thing that is asked, and the address may be wrong.</summary>
    private static Task<T> AskAsync<T>(Invocation invocation, Func<Task<T>> call)
    {
        var patience = new Patience(invocation.Time, GiveUpAfter, invocation.Output.Say);
        return patience.RunAsync(CallAsync, invocation.Cancellation);

        async Task<T> CallAsync()
        {
            try
            {
                return await call();
            }
            catch (HttpRequestException exception)
            {
                throw CommandException.Unreachable(exception);
            }
        }
    }
}
