using Rollcall.Faces.Models;

namespace Rollcall.Server.Hosting;

/// <summary>What a newcomer sees: where the server is and the first calls, to paste into a shell.</summary>
internal static partial class Welcome
{
    /// <summary>Says it as soon as the server listens.</summary>
    public static void Announce(this WebApplication app) =>
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var address = app.Urls.FirstOrDefault() ?? "";

            // Whoever collects JSON or the journal's lines could not read a text for people between them.
            if (app.Configuration["Logging:Console:FormatterName"] is null or "simple") Print(address, app.Services.GetRequiredService<FaceModels>().Engine.Pack);
            else LogListening(app.Logger, address);
        });

    [LoggerMessage(1103, LogLevel.Information, "Rollcall is ready at {Address}")]
    private static partial void LogListening(ILogger logger, string address);

    private static void Print(string address, ModelPack pack)
    {
        var url = address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal);
        Console.WriteLine(
            $$"""

            Rollcall is ready at {{url}}
            Reference page:      {{url}}{{Reference.Path}}

            First calls (paste them into another terminal; the README explains each):

              export ROLLCALL={{url}}/api/v1
              curl -s $ROLLCALL/auth/register -H 'Content-Type: application/json' \
                -d '{"email":"you@example.com","password":"choose-a-long-one","organization_name":"Example"}' > register.json
              export TOKEN=$(sed -E 's/.*"access_token":"([^"]+)".*/\1/' register.json)
              export ORG=$(sed -E 's/.*"organization":\{"id":"([^"]+)".*/\1/' register.json)
              export KEY=$(curl -s $ROLLCALL/organizations/$ORG/api-keys -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
                -d '{"name":"first","scopes":["batch","faces:read","faces:write","identify","collections"]}' | sed -E 's/.*"api_key":"([^"]+)".*/\1/')
              export COL=$(curl -s $ROLLCALL/collections -H "X-API-Key: $KEY" -H 'Content-Type: application/json' \
                -d '{"name":"staff"}' | sed -E 's/.*"data":\{"id":"([^"]+)".*/\1/')
              curl -s $ROLLCALL/collections/$COL/faces/batch-async -H "X-API-Key: $KEY" \
                -F images=@anna.jpg -F 'external_ids[]=anna' -F images=@bert.jpg -F 'external_ids[]=bert'

            Stop it with Ctrl-C; it takes up its work again when it is started.

            """);
        if (pack.Evaluation) Console.WriteLine($"*** MODEL PACK '{pack.Id}', NOT FOR PRODUCTION ***\n{pack.Caveat}\n");
    }
}
