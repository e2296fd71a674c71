using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Rollcall.Client.Contracts;

namespace Rollcall.Client;

public sealed partial class RollcallClient
{
    /// <summary>The most that a page holds.</summary>
    private const int WholePage = 200;

    /// <summary>The items of all pages, each page asked for when its first item is. The first address is made at once, so that a wrong id is told at once.</summary>
    private IAsyncEnumerable<TItem> PagesAsync<TPage, TItem>(
        Func<string?, string> route,
        JsonTypeInfo<ApiResponse<TPage>> type,
        Func<TPage, (IReadOnlyList<TItem> Items, string? NextCursor)> read,
        CancellationToken cancellationToken)
        where TPage : class => PagesFromAsync(route(null), route, type, read, cancellationToken);

    private async IAsyncEnumerable<TItem> PagesFromAsync<TPage, TItem>(
        string first,
        Func<string?, string> route,
        JsonTypeInfo<ApiResponse<TPage>> type,
        Func<TPage, (IReadOnlyList<TItem> Items, string? NextCursor)> read,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where TPage : class
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var (items, cursor) = read(await GetAsync(first, type, cancellationToken).ConfigureAwait(false));
        while (true)
        {
            foreach (var item in items) yield return item;
            if (cursor is null) yield break;
            if (!seen.Add(cursor))
            {
                // Going on would go round for ever.
                throw new RollcallException(RollcallException.UnexpectedAnswer, "The server has named the same page of the list twice.") { Status = HttpStatusCode.OK };
            }

            cancellationToken.ThrowIfCancellationRequested();
            (items, cursor) = read(await GetAsync(route(cursor), type, cancellationToken).ConfigureAwait(false));
        }
    }
}
