using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Rollcall.Server.Storage;

/// <summary>The keys that are configured: the active one for new images, each of them for those that it once encrypted.</summary>
internal sealed partial class BlobKeys
{
    private const string Section = "Storage:Encryption";
    private const string FromFile = "file:";

    private readonly Dictionary<string, BlobKey> _keys;

    public BlobKeys(IOptions<StorageOptions> options)
    {
        var encryption = options.Value.Encryption;
        _keys = encryption.Keys.ToDictionary(pair => pair.Key.ToLowerInvariant(), pair => Read(pair.Key.ToLowerInvariant(), pair.Value), StringComparer.Ordinal);
        if (string.IsNullOrEmpty(encryption.ActiveKey)) return;

        Active = Find(encryption.ActiveKey.ToLowerInvariant())
            ?? throw new StartupException($"{Section}:ActiveKey is '{encryption.ActiveKey}', and there is no {Section}:Keys:{encryption.ActiveKey}.");
    }

    /// <summary>The key of new images; null where they are not encrypted.</summary>
    public BlobKey? Active { get; }

    public BlobKey? Find(string id) => _keys.GetValueOrDefault(id);

    // Never with the value: it would be in the log.
    private static BlobKey Read(string id, string value)
    {
        var name = $"{Section}:Keys:{id}";
        if (!Id().IsMatch(id)) throw new StartupException($"{name}: a key's id has 1 to 32 of a-z, 0-9, '-', '_' and '.'.");
        var bytes = value.StartsWith(FromFile, StringComparison.Ordinal) ? ReadFile(name, value[FromFile.Length..]) : FromBase64(value);
        return bytes is { Length: BlobKey.Bytes }
            ? new BlobKey(id, bytes)
            : throw new StartupException($"{name} is no key: it is {BlobKey.Bytes} bytes in base64 (openssl rand -base64 {BlobKey.Bytes}), or {FromFile} and the path of a file that holds them.");
    }

    private static byte[]? ReadFile(string name, string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            return bytes.Length == BlobKey.Bytes ? bytes : FromBase64(System.Text.Encoding.ASCII.GetString(bytes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{name}: the file of the key cannot be read: {e.Message}", e);
        }
    }

    private static byte[]? FromBase64(string text)
    {
        var bytes = new byte[BlobKey.Bytes + 2];
        return Convert.TryFromBase64String(text.Trim(), bytes, out var written) ? bytes[..written] : null;
    }

    [GeneratedRegex("^[a-z0-9._-]{1,32}$")]
    private static partial Regex Id();
}
