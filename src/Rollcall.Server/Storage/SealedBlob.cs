using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Rollcall.Server.Storage;

/// <summary>
/// How an encrypted image lies on the disk: a header with the id of its key and a salt, then AES-GCM in chunks. Each chunk is bound to the header,
/// to the image's name, to its number and to whether it is the last: none can be changed, left out, moved, or put into another file.
/// </summary>
/// <remarks>
/// <c>RCB1</c>, the length of the id and the id, 16 bytes of salt; then chunks of 64 KB, the last one shorter or empty, each with a tag of 16 bytes.
/// </remarks>
internal sealed class SealedBlob : IDisposable
{
    /// <summary>After the name of an encrypted image's file; what the file holds does not decide, for a plain one holds what anybody sent.</summary>
    public const string Suffix = ".sealed";

    public const int ChunkBytes = 64 * 1024;
    public const int TagBytes = 16;
    public const int SealedBytes = ChunkBytes + TagBytes;

    private const int SaltBytes = 16;
    private const int NonceBytes = 12;

    private readonly AesGcm _cipher;
    private readonly byte[] _associated; // header, nonce, name
    private readonly int _nonceAt;
    private readonly string _keyId;
    private readonly string _name;
    private long _chunks;

    private SealedBlob(BlobKey key, byte[] header, string name)
    {
        (_keyId, _name, _nonceAt) = (key.Id, name, header.Length);
        _cipher = key.CipherOf(header.AsSpan(header.Length - SaltBytes));
        _associated = [.. header, .. new byte[NonceBytes], .. Encoding.UTF8.GetBytes(name)];
    }

    public ReadOnlyMemory<byte> Header => _associated.AsMemory(0, _nonceAt);

    private static ReadOnlySpan<byte> Magic => "RCB1"u8;

    /// <summary>For an image that is to be written.</summary>
    public static SealedBlob New(BlobKey key, string name) =>
        new(key, [.. Magic, (byte)key.Id.Length, .. Encoding.ASCII.GetBytes(key.Id), .. RandomNumberGenerator.GetBytes(SaltBytes)], name);

    /// <summary>For one that is there, of which the header is read.</summary>
    public static SealedBlob Open(Stream file, BlobKeys keys, string name)
    {
        var (header, id) = ReadHeader(file, name);
        return keys.Find(id) is { } key
            ? new(key, header, name)
            : throw new BlobUnreadableException($"The image {name} is encrypted under the key '{id}', and there is no Storage:Encryption:Keys:{id}.");
    }

    /// <summary>The key that an image is encrypted with.</summary>
    public static string KeyOf(Stream file, string name) => ReadHeader(file, name).KeyId;

    /// <summary>Encrypts the next chunk; only the last may be shorter than others. Returns how much was written.</summary>
    public int Seal(ReadOnlySpan<byte> plain, Span<byte> chunk, bool isLast)
    {
        _cipher.Encrypt(NextNonce(isLast), plain, chunk[..plain.Length], chunk.Slice(plain.Length, TagBytes), _associated);
        return plain.Length + TagBytes;
    }

    /// <summary>Decrypts the next chunk; returns how much it held.</summary>
    public int Unseal(ReadOnlySpan<byte> chunk, Span<byte> plain, bool isLast)
    {
        if (chunk.Length < TagBytes) throw Damaged();
        var length = chunk.Length - TagBytes;
        try
        {
            _cipher.Decrypt(NextNonce(isLast), chunk[..length], chunk[length..], plain[..length], _associated);
            return length;
        }
        catch (AuthenticationTagMismatchException)
        {
            throw Damaged();
        }
    }

    public void Dispose() => _cipher.Dispose();

    private static (byte[] Header, string KeyId) ReadHeader(Stream file, string name)
    {
        try
        {
            var start = new byte[Magic.Length + 1];
            file.ReadExactly(start);
            var rest = new byte[start[^1] + SaltBytes];
            file.ReadExactly(rest);
            if (start.AsSpan(0, Magic.Length).SequenceEqual(Magic)) return ([.. start, .. rest], Encoding.ASCII.GetString(rest.AsSpan(0, start[^1])));
        }
        catch (EndOfStreamException)
        {
            // It is shorter than a header.
        }

        throw new BlobUnreadableException($"The image {name} has not the header of an encrypted image: it was changed or cut off.");
    }

    private ReadOnlySpan<byte> NextNonce(bool isLast)
    {
        var nonce = _associated.AsSpan(_nonceAt, NonceBytes);
        BinaryPrimitives.WriteInt64BigEndian(nonce, _chunks++);
        nonce[^1] = isLast ? (byte)1 : (byte)0;
        return nonce;
    }

    private BlobUnreadableException Damaged() => new(
        $"The image {_name} does not open with its key '{_keyId}': it was changed, cut off or put into another's place, or the key is another.");
}
