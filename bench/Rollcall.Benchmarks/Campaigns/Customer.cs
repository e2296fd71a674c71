using Rollcall.Client;
using Rollcall.Client.Contracts;

namespace Rollcall.Benchmarks.Campaigns;

/// <summary>An organization with a key and a collection. It outlives the server's process and follows it to its next address.</summary>
internal sealed class Customer
{
    private Customer(string organization, string key, string collection) => (Organization, Key, Collection) = (organization, key, collection);

    public string Organization { get; }

    public string Key { get; }

    public string Collection { get; private init; }

    public static async Task<Customer> RegisterAsync(Uri server)
    {
        using var http = new HttpClient { BaseAddress = server };
        var registration = await new RollcallClient(http).RegisterAsync(
            new RegisterRequest { Email = $"{Guid.NewGuid():N}@example.com", Password = "correct horse battery", OrganizationName = "Campaign" });
        var bearer = new RollcallClient(http, new RollcallClientOptions { Credential = RollcallCredential.FromToken(registration.AccessToken) });
        var key = await bearer.CreateApiKeyAsync(
            registration.Organization.Id,
            new CreateApiKey { Name = "campaign", Scopes = [Scopes.Batch, Scopes.FacesRead, Scopes.FacesWrite, Scopes.Identify, Scopes.Collections] });
        var collection = await bearer.CreateCollectionAsync(new CreateCollection { Name = "people" });
        return new Customer(registration.Organization.Id, key.Secret, collection.Id);
    }

    public RollcallClient At(HttpClient http) => new(http, new RollcallClientOptions { Credential = RollcallCredential.FromApiKey(Key) });

    public async Task<Customer> WithNewCollectionAsync(RollcallClient api) =>
        new(Organization, Key, (await api.CreateCollectionAsync(new CreateCollection { Name = "people" })).Id);
}
