using Rollcall.Client.Contracts;

namespace Rollcall.Client.Tests;

/// <summary>What each request tells the handlers on its way: whether it may be sent again, and how much longer it may take.</summary>
public sealed class RequestTests
{
    private static readonly ImageFile Image = ImageFile.FromBytes("a.jpg", [1, 2, 3]);
    private static readonly BatchAddress Job = BatchAddress.InCollection("col_1", "j");

    private static readonly (bool MayBeRepeated, Func<RollcallClient, Task> Call)[] Calls =
    [
        (true, client => client.GetMeAsync(Cancelled)),
        (true, client => client.GetCollectionAsync("col_1", Cancelled)),
        (true, client => client.ListFacesAsync("col_1", cancellationToken: Cancelled)),
        (true, client => client.EnumerateFacesAsync("col_1", cancellationToken: Cancelled).CountAsync(Cancelled).AsTask()),
        (true, client => client.GetBatchAsync(Job, cancellationToken: Cancelled)),
        (true, client => client.WaitForChangeAsync(Job, TimeSpan.FromSeconds(30), cancellationToken: Cancelled)),
        (true, client => client.WaitForCompletionAsync(Job, cancellationToken: Cancelled)),
        (true, client => client.FindLookAlikesAsync(Job, cancellationToken: Cancelled)),
        (true, client => client.ExportAuditLogAsync("org_1", Stream.Null, cancellationToken: Cancelled)),

        // Asks, and changes nothing.
        (true, client => client.IdentifyAsync("col_1", Image, cancellationToken: Cancelled)),
        (true, client => client.VerifyPersonAsync("col_1", "e", Image, cancellationToken: Cancelled)),
        (true, client => client.CompareAsync(Image, Image, cancellationToken: Cancelled)),
        (true, client => client.DetectAsync(Image, Cancelled)),

        // Is the same thing the second time.
        (true, client => client.SubmitBatchAsync("col_1", [new("1", Image)], new() { IdempotencyKey = "k" }, Cancelled)),
        (true, client => client.EnrolBatchAsync("col_1", [new("1", Image)], new() { IdempotencyKey = "k" }, Cancelled)),
        (true, client => client.CancelBatchAsync(Job, Cancelled)),
        (true, client => client.UndoBatchAsync(Job, Cancelled)),
        (true, client => client.ChangeCollectionAsync("col_1", new(), Cancelled)),
        (true, client => client.ChangeFaceAsync("col_1", "face_1", new() { Metadata = null }, Cancelled)),
        (true, client => client.ChangeMemberAsync("org_1", "user_1", OrganizationRole.Admin, Cancelled)),
        (true, client => client.DeleteCollectionAsync("col_1", Cancelled)),
        (true, client => client.DeleteFaceAsync("col_1", "face_1", Cancelled)),
        (true, client => client.DeleteBatchAsync(Job, Cancelled)),
        (true, client => client.RevokeApiKeyAsync("org_1", "key_1", Cancelled)),
        (true, client => client.ErasePersonAsync("col_1", "e", suppress: true, Cancelled)),

        // Makes another one, or meets somebody who has come meanwhile.
        (false, client => client.SubmitBatchAsync("col_1", [new("1", Image)], null, Cancelled)),
        (false, client => client.EnrolBatchAsync("col_1", [new("1", Image)], null, Cancelled)),
        (false, client => client.EnrolFaceAsync("col_1", new("1", Image), cancellationToken: Cancelled)),
        (false, client => client.RetryBatchAsync(Job, cancellationToken: Cancelled)),
        (false, client => client.CreateCollectionAsync(new() { Name = "n" }, Cancelled)),
        (false, client => client.CreateApiKeyAsync("org_1", new() { Name = "n", Scopes = [Scopes.Batch] }, Cancelled)),
        (false, client => client.AddMemberAsync("org_1", new() { Email = "a@example.org", Role = OrganizationRole.Viewer }, Cancelled)),
        (false, client => client.RegisterAsync(new() { Email = "a", Password = "p", OrganizationName = "o" }, Cancelled)),
        (false, client => client.LoginAsync(new() { Email = "a", Password = "p" }, Cancelled)),
        (false, client => client.JoinAsync(new() { Token = "t", Password = "p" }, Cancelled)),
        (false, client => client.RefreshAsync("r", Cancelled)), // A used token ends the sign-in.
        (false, client => client.LogoutAsync("r", Cancelled)),
        (false, client => client.ErasePersonAsync("col_1", "e", cancellationToken: Cancelled)),
        (false, client => client.LiftSuppressionAsync("col_1", "e", Cancelled)),
        (false, client => client.RemoveMemberAsync("org_1", "user_1", Cancelled)),
        (false, client => client.DeleteOrganizationAsync("org_1", "Example", Cancelled)),

        // How it is at this moment, or with repetitions of its own.
        (false, client => client.GetHealthAsync(Cancelled)),
        (false, client => client.GetReadinessAsync(Cancelled)),
        (false, client => client.FollowBatchAsync(Job, cancellationToken: Cancelled).CountAsync(Cancelled).AsTask()),
    ];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_request_says_whether_it_may_be_repeated()
    {
        List<string> wrong = [];
        foreach (var (expected, call) in Calls)
        {
            var request = await AskedAsync(call);
            if (!request.Options.TryGetValue(RollcallRequest.MayBeRepeated, out var may) || may != expected) wrong.Add($"{request.Method} {request.RequestUri}");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task What_the_server_holds_or_images_go_along_with_may_take_longer()
    {
        var big = new ImageFile("a.jpg", _ => throw new IOException("Nobody reads it.")) { Length = 640 * 1024 };

        Assert.Equal(TimeSpan.Zero, await ExtraTimeAsync(client => client.GetMeAsync(Cancelled)));
        Assert.Equal(TimeSpan.FromSeconds(30), await ExtraTimeAsync(client => client.WaitForChangeAsync(Job, TimeSpan.FromSeconds(30), cancellationToken: Cancelled)));
        Assert.InRange(await ExtraTimeAsync(client => client.SubmitBatchAsync("col_1", [new("1", big)], null, Cancelled)), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(11));
        Assert.InRange(await ExtraTimeAsync(client => client.EnrolBatchAsync("col_1", [new("1", big)], null, Cancelled)), TimeSpan.FromSeconds(130), TimeSpan.FromSeconds(131));

        var unknown = new ImageFile("a.jpg", _ => throw new IOException("Nobody reads it."));
        Assert.Equal(TimeSpan.FromSeconds(320), await ExtraTimeAsync(client => client.SubmitBatchAsync("col_1", [new("1", unknown), new("2", unknown)], null, Cancelled)));
    }

    private static async Task<TimeSpan> ExtraTimeAsync(Func<RollcallClient, Task> call)
    {
        Assert.True((await AskedAsync(call)).Options.TryGetValue(RollcallRequest.ExtraTime, out var extra));
        return extra;
    }

    private static async Task<HttpRequestMessage> AskedAsync(Func<RollcallClient, Task> call)
    {
        using var nobody = new Nobody();
        using var http = new HttpClient(nobody) { BaseAddress = new Uri("http://rollcall.example") };
        await Assert.ThrowsAsync<HttpRequestException>(() => call(new RollcallClient(http)));
        return nobody.Asked!;
    }

    private sealed class Nobody : HttpMessageHandler
    {
        public HttpRequestMessage? Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = request;
            throw new HttpRequestException("Nobody there.");
        }
    }
}
