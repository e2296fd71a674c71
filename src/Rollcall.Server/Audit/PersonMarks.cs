using System.Security.Cryptography;
using System.Text;
using Rollcall.Server.Storage;

namespace Rollcall.Server.Audit;

/// <summary>
/// What the log has of a person: an HMAC of the external id, under a key that is derived for the organization from the installation's secret. Who
/// knows the id finds the person's entries; who has the database alone cannot try ids out.
/// </summary>
internal sealed class PersonMarks(DataFolder folder)
{
    private const string Purpose = "rollcall audit external id\n";

    private readonly byte[] _secret = SecretFile.ReadOrCreate(folder, "audit.key");

    public string Of(string organizationId, string externalId)
    {
        var key = HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(Purpose + organizationId));
        return Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(externalId)));
    }
}
