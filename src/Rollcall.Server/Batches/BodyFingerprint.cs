using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Rollcall.Server.Batches;

/// <summary>
/// What a body says, whatever its boundary and headers: SHA-256 over its parts in order, each by its name and its value or the hash of
/// its content. Lengths stand before the texts, so that no two bodies run together into one.
/// </summary>
internal sealed class BodyFingerprint : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Add(string name, string value)
    {
        AddText(name);
        AddText(value);
    }

    public string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();

    private void AddText(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        _hash.AppendData(length);
        _hash.AppendData(bytes);
    }
}
