using Rollcall.Client;

namespace Rollcall.Cli.Access;

/// <summary>A person's access token, renewed a minute before its end; by one command at a time, since the refresh token rotates.</summary>
internal sealed class PersonToken(string name, Profile profile, TimeProvider time)
{
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(1);

    private volatile Profile _profile = profile;

    public RollcallCredential Credential => RollcallCredential.FromTokenProvider(TokenAsync);

    private async ValueTask<string> TokenAsync(CancellationToken cancellationToken)
    {
        if (!IsFresh(_profile))
            _profile = await ProfileStore.ChangeAsync(name, RenewAsync, time, cancellationToken) ?? throw LoggedOut();
        return _profile.AccessToken ?? throw LoggedOut();

        async Task<Profile?> RenewAsync(Profile? stored)
        {
            // Another command may have renewed it while this one waited.
            if (stored?.RefreshToken is not { } refresh) throw LoggedOut();
            if (IsFresh(stored)) return stored;
            using var connection = Connection.OpenWithout(stored.Server);
            var tokens = await connection.Client.RefreshAsync(refresh, cancellationToken);
            return stored with
            {
                AccessToken = tokens.AccessToken,
                RefreshToken = tokens.RefreshToken,
                ExpiresAt = time.GetUtcNow().AddSeconds(tokens.ExpiresIn),
            };
        }
    }

    private bool IsFresh(Profile profile) => profile.ExpiresAt - Early > time.GetUtcNow();

    private static CommandException LoggedOut() => new(ExitCode.Refused, "The login has ended: run 'rollcall login' again.");
}
