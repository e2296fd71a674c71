using System.Runtime.CompilerServices;
using Rollcall.Cli.Enrol;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.People;

internal static class FaceLists
{
    private const int Page = 200;

    public static async IAsyncEnumerable<Face> AllAsync(
        RollcallClient client, string collection, Patience patience, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await patience.RunAsync(
                () => client.ListFacesAsync(collection, limit: Page, cursor: cursor, cancellationToken: cancellationToken), cancellationToken);
            foreach (var face in page.Faces)
            {
                yield return face;
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }
}
