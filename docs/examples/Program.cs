using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rollcall.Client;
using Rollcall.Client.Contracts;

var server = Environment.GetEnvironmentVariable("ROLLCALL") ?? "http://127.0.0.1:8080/api/v1";
using var http = new HttpClient { BaseAddress = new Uri(new Uri(server), "/"), Timeout = TimeSpan.FromMinutes(30) }; // an upload may take a while

var account = new LoginRequest { Email = "you@example.com", Password = "choose-a-long-one" };
var anybody = new RollcallClient(http);
await anybody.RegisterAsync(new RegisterRequest { Email = account.Email, Password = account.Password, OrganizationName = "Example" }); // once

var tokens = await anybody.LoginAsync(account);
var org = tokens.Organizations[0].Id;
var person = new RollcallClient(http, new RollcallClientOptions { Credential = RollcallCredential.FromToken(tokens.AccessToken) });
var created = await person.CreateApiKeyAsync(org, new CreateApiKey
{
    Name = "example",
    Scopes = [Scopes.Batch, Scopes.FacesRead, Scopes.FacesWrite, Scopes.Identify, Scopes.Collections],
});
var key = RollcallCredential.FromApiKey(created.Secret); // keep it: it is shown this once
var client = new RollcallClient(http, new RollcallClientOptions { Credential = key });

var collection = (await client.CreateCollectionAsync(new CreateCollection { Name = "staff" })).Id;

var accepted = await client.SubmitBatchAsync(
    collection,
    [new BatchEntry("anna", ImageFile.FromPath("anna.jpg")), new BatchEntry("bert", ImageFile.FromPath("bert.jpg"))],
    new BatchOptions { IdempotencyKey = "import-0001" });
var address = BatchAddress.InCollection(collection, accepted.JobId);

var job = await client.WaitForCompletionAsync(address);
if (job.Status == JobStatus.Failed) throw new InvalidOperationException(job.Error!.Message);
foreach (var item in job.Results!) Console.WriteLine($"{item.ExternalId} {WireName.Of(item.Outcome)} {item.Error?.Code}");

await foreach (var told in client.FollowBatchAsync(address)) // makes a broken stream anew by itself
    if (told.Item is { } item) Console.WriteLine($"told {item.ExternalId} {WireName.Of(item.Outcome)}");

var done = await client.EnrolBatchAsync(
    collection,
    [new BatchEntry("anna", ImageFile.FromPath("anna-today.jpg")) { Metadata = JsonElement.Parse("""{"dept": "IT"}""") }],
    new BatchOptions { OnDuplicate = OnDuplicate.Append });
Console.WriteLine($"appended {done.Results![0].FaceId}");

var face = await client.EnrolFaceAsync(collection, new BatchEntry("bert-2", ImageFile.FromPath("bert.jpg")));
Console.WriteLine($"enrolled {face.ExternalId} {face.QualityScore}");

try // another photograph of somebody who is enrolled is refused here
{
    await client.EnrolFaceAsync(collection, new BatchEntry("bert-2", ImageFile.FromPath("anna.jpg")));
}
catch (RollcallException refused)
{
    Console.WriteLine(refused.Code);
}

var found = await client.IdentifyAsync(collection, ImageFile.FromPath("anna-today.jpg"), new IdentifyOptions { TopK = 3 });
foreach (var match in found.Matches) Console.WriteLine($"{match.Rank} {match.ExternalId} {match.Similarity}"); // nobody: no line

var claim = await client.VerifyPersonAsync(collection, "bert", ImageFile.FromPath("anna-today.jpg"));
Console.WriteLine(claim.Verified ? "it is bert" : "it is not bert");

List<string> people = [];
await foreach (var one in client.EnumerateFacesAsync(collection)) people.Add(one.ExternalId); // asks for the next page when it is needed
Console.WriteLine($"faces of {string.Join(' ', people.Order(StringComparer.Ordinal))}");

var changed = await client.ChangeFaceAsync(collection, face.FaceId, new FaceChangeRequest { Metadata = JsonElement.Parse("""{"dept": "HR"}""") });
Console.WriteLine($"metadata {changed.Metadata?.GetProperty("dept")}");

var receipt = await client.ErasePersonAsync(collection, "anna");
Console.WriteLine($"erased {receipt.Faces}");

using var exported = new MemoryStream(); // a file, for a long one
await person.ExportAuditLogAsync(org, exported);
byte[] digest = new byte[32];
var entries = 0;
foreach (var line in Encoding.UTF8.GetString(exported.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
{
    var end = line.LastIndexOf(",\"hash\":\"", StringComparison.Ordinal);
    digest = SHA256.HashData([.. digest, .. Encoding.UTF8.GetBytes(line[..end] + "}")]);
    using var entry = JsonDocument.Parse(line);
    if (entry.RootElement.GetProperty("number").GetInt64() != ++entries || line[end..] != $",\"hash\":\"{Convert.ToHexStringLower(digest)}\"}}")
        throw new InvalidDataException($"entry {entries} is not what was written");
}

Console.WriteLine($"the log holds {(entries > 0 ? "true" : "false")}");

static (string Id, string Photo)[] ListOf(string file) => [.. File.ReadLines(file).Select(line => line.Split(',')).Select(parts => (parts[0], parts[1]))];

// One job, followed to its end; each person as soon as it is known what became of them.
async IAsyncEnumerable<BatchItem> EnrolAsync(string to, IEnumerable<(string Id, string Photo)> list, OnDuplicate mode, string? idempotencyKey = null)
{
    BatchEntry[] entries = [.. list.Select(one => new BatchEntry(one.Id, ImageFile.FromPath(one.Photo)))];
    var submitted = await client.SubmitBatchAsync(to, entries, new BatchOptions { OnDuplicate = mode, IdempotencyKey = idempotencyKey });
    await foreach (var told in client.FollowBatchAsync(BatchAddress.InCollection(to, submitted.JobId)))
    {
        if (told.Item is { } item) yield return item;
        if (told.Job is { Status: JobStatus.Failed } failed) throw new InvalidOperationException(failed.Error!.Message);
    }
}

var everybody = (await client.CreateCollectionAsync(new CreateCollection { Name = "everybody" })).Id;

foreach (var (number, part) in ListOf("people.csv").Chunk(100).Index())
    await foreach (var item in EnrolAsync(everybody, part, OnDuplicate.Skip, $"import-{number}"))
        Console.WriteLine($"import {item.ExternalId} {WireName.Of(item.Outcome)} {item.Error?.Code}");

await foreach (var item in EnrolAsync(everybody, ListOf("better.csv"), OnDuplicate.ReplaceIfBetter))
    Console.WriteLine($"better {item.ExternalId} {WireName.Of(item.Outcome)}");

List<Face> enrolled = [];
await foreach (var one in client.EnumerateFacesAsync(everybody)) enrolled.Add(one);
var staff = ListOf("staff.csv");
if (staff.Length == 0) throw new InvalidDataException("The list is empty.");

var known = enrolled.Select(one => (one.ExternalId, one.ImageSha256)).ToHashSet();
var news = staff.Where(one => !known.Contains((one.Id, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(one.Photo)))))).ToList();
if (news.Count > 0) // above 100: in parts, as with an import
    await foreach (var item in EnrolAsync(everybody, news, OnDuplicate.Replace)) Console.WriteLine($"sync {item.ExternalId} {WireName.Of(item.Outcome)}");

foreach (var id in enrolled.Select(one => one.ExternalId).Except(staff.Select(one => one.Id)))
{
    await client.ErasePersonAsync(everybody, id);
    Console.WriteLine($"sync {id} erased");
}
