using Rollcall.Cli.Enrol;
using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Cli.Sync;

/// <summary>Takes out what is not in the folder any more. Who is gone already is no failure: that is what was wanted.</summary>
internal sealed class SyncRemovals(RollcallClient client, string collection, SyncMemory memory, Patience patience, Action<string> tell)
{
    /// <summary>References of people who have too many for what is to come.</summary>
    public Task MakeRoomAsync(CancellationToken cancellationToken) => DeleteAsync(makesRoom: true, cancellationToken);

    /// <summary>After what is new is in.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await DeleteAsync(makesRoom: false, cancellationToken);
        for (var person = memory.Leaving(0); person.Count > 0; person = memory.Leaving(person[^1].Change))
        {
            await EraseAsync(person, cancellationToken);
        }
    }

    private async Task DeleteAsync(bool makesRoom, CancellationToken cancellationToken)
    {
        for (var some = memory.Outgoing(0, makesRoom); some.Count > 0; some = memory.Outgoing(some[^1].Change, makesRoom))
        {
            foreach (var face in some)
            {
                if (await TryAsync(face.ExternalId, () => client.DeleteFaceAsync(collection, face.FaceId, cancellationToken), cancellationToken)) memory.Gone(face.Change);
            }
        }
    }

    /// <summary>
    /// With all that is kept of the person, which goes by name. A question and an upload lie between the plan and this: who was enrolled anew
    /// meanwhile is another matter, and stays.
    /// </summary>
    private async Task EraseAsync(IReadOnlyList<Outgoing> person, CancellationToken cancellationToken)
    {
        var id = person[0].ExternalId;
        var standing = await patience.RunAsync(() => client.ListFacesAsync(collection, id, PersonPlan.MostReferences + 1, cancellationToken: cancellationToken), cancellationToken);
        if (standing.Faces.Any(face => person.All(planned => planned.FaceId != face.FaceId)))
        {
            tell($"'{id}' stays: enrolled anew while this sync ran.");
            memory.Stays(id);
            return;
        }

        if (!await TryAsync(id, () => client.ErasePersonAsync(collection, id, suppress: false, cancellationToken), cancellationToken)) return;
        foreach (var face in person)
        {
            memory.Gone(face.Change);
        }
    }

    private async Task<bool> TryAsync(string externalId, Func<Task<DeletionReceipt>> delete, CancellationToken cancellationToken)
    {
        try
        {
            await patience.RunAsync(delete, cancellationToken);
            return true;
        }
        catch (RollcallException exception) when (exception.Code is ErrorCodes.FaceNotFound or ErrorCodes.NotFound)
        {
            tell($"'{externalId}' is gone already.");
            return false;
        }
    }
}
