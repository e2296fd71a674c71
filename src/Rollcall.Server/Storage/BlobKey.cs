using System.Security.Cryptography;

namespace Rollcall.Server.Storage;

/// <summary>A key for images. No record: its text must not be written down anywhere.</summary>
internal sealed class BlobKey(string id, byte[] secret)
{
    public const int Bytes = 32;

    public string Id => id;

    /// <summary>Tells this key from another and nothing more.</summary>
    public string Check => Convert.ToHexStringLower(HMACSHA256.HashData(secret, "rollcall: which key this is"u8))[..16];

    /// <summary>
    /// The cipher of one file: under a key of its own, so that the number of a chunk is a nonce that never comes again, however many images
    /// there are.
    /// </summary>
    public AesGcm CipherOf(ReadOnlySpan<byte> salt)
    {
        Span<byte> key = stackalloc byte[Bytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt, "rollcall: an image"u8);
        return new AesGcm(key, SealedBlob.TagBytes);
    }

    public override string ToString() => $"key {id}";
}
