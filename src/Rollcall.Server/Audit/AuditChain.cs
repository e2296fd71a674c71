using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Rollcall.Server.Audit;

/// <summary>The end of a chain: how many entries there are, and the hash of the last. Kept elsewhere it shows whether the log was cut.</summary>
internal sealed record AuditHead(long Number, string Hash)
{
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    /// <summary>Of a log without an entry: thirty-two zero bytes.</summary>
    public static AuditHead Start { get; } = new(0, new string('0', 2 * SHA256.HashSizeInBytes));

    /// <summary>As <see cref="ToString"/> writes it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AuditHead? head)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var isHead = colon > 0 && long.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && text.Length - colon - 1 == Start.Hash.Length && !text.AsSpan(colon + 1).ContainsAnyExcept(Hex);
        head = isHead ? new AuditHead(long.Parse(text[..colon], CultureInfo.InvariantCulture), text[(colon + 1)..]) : null;
        return isHead;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}:{Hash}");
}

/// <summary>Goes along a chain, entry by entry: each hash is SHA-256 over the one before, as 32 bytes, and the entry's canonical encoding.</summary>
internal sealed class AuditChain(AuditHead from)
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly byte[] _hash = Convert.FromHexString(from.Hash);

    public AuditHead Head { get; private set; } = from;

    public AuditHead Append(AuditRow row)
    {
        var number = Head.Number + 1;
        _buffer.ResetWrittenCount();
        _buffer.Write(_hash);
        AuditLine.Write(_buffer, row, number);
        SHA256.HashData(_buffer.WrittenSpan, _hash);
        return Head = new AuditHead(number, Convert.ToHexStringLower(_hash));
    }

    /// <summary>Takes the last step back.</summary>
    public void Return(AuditHead head)
    {
        Head = head;
        Convert.FromHexString(head.Hash, _hash, out _, out _);
    }
}
