using Rollcall.Client;

namespace Rollcall.Cli.Access;

/// <summary>A server and a client for it, by the options, the environment and the profile, in this order.</summary>
internal sealed class Connection : IDisposable
{
    private static readonly Uri Usual = new("http://127.0.0.1:8080");

    private readonly HttpClient _http;

    private Connection(Uri server, RollcallCredential? credential, string? organization)
    {
        _http = CreateHttp(server);
        Server = server;
        Organization = organization;
        Client = new RollcallClient(_http, new RollcallClientOptions { Credential = credential, OrganizationId = organization });
    }

    public Uri Server { get; }

    public string? Organization { get; }

    public RollcallClient Client { get; }

    public static Connection Open(Invocation invocation)
    {
        var name = ProfileName(invocation);
        var profile = ProfileStore.Find(name);
        var server = invocation.Get(GlobalOptions.Server) ?? FromEnvironment("ROLLCALL_URL") ?? profile?.Server ?? Usual;
        var organization = invocation.Get(GlobalOptions.Organization) ?? Environment.GetEnvironmentVariable("ROLLCALL_ORGANIZATION") ?? profile?.Organization;
        if (Environment.GetEnvironmentVariable("ROLLCALL_API_KEY")?.Trim() is { Length: > 0 } key)
            return new(server, RollcallCredential.FromApiKey(key), organization);

        // A secret goes to no other server than the one that gave it.
        if (profile is null || Uri.Compare(profile.Server, server, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) != 0)
            throw new CommandException(ExitCode.Refused, $"Nobody is logged in at {server}: run 'rollcall login --server {server}', or set ROLLCALL_API_KEY.");

        return new(server, profile.ApiKey is { } stored ? RollcallCredential.FromApiKey(stored) : new PersonToken(name, profile, invocation.Time).Credential, organization);
    }

    /// <summary>For a login.</summary>
    public static Connection OpenWithout(Uri server) => new(server, null, null);

    public static Connection OpenWithKey(Uri server, string key) => new(server, RollcallCredential.FromApiKey(key), null);

    public static string ProfileName(Invocation invocation) =>
        invocation.Get(GlobalOptions.Profile) ?? Environment.GetEnvironmentVariable("ROLLCALL_PROFILE") ?? "default";

    public static Uri ServerFor(Invocation invocation) => invocation.Get(GlobalOptions.Server)
        ?? FromEnvironment("ROLLCALL_URL") ?? ProfileStore.Find(ProfileName(invocation))?.Server ?? Usual;

    public void Dispose() => _http.Dispose();

    internal static HttpClient CreateHttp(Uri server) => new(new CallLimit(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
    }, TimeProvider.System))
    {
        BaseAddress = server,
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private static Uri? FromEnvironment(string name)
    {
        if (Environment.GetEnvironmentVariable(name) is not { Length: > 0 } text) return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw CommandException.Usage($"{name} is no address of a server: '{text}'.");
    }
}
