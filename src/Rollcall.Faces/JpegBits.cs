using System.Buffers.Binary;

namespace Rollcall.Faces;

/// <summary>The bits of a scan, with the zero after each FF taken out. It never passes a marker.</summary>
internal ref struct JpegBits(ReadOnlySpan<byte> file, int at)
{
    private readonly ReadOnlySpan<byte> _file = file;
    private ulong _bits;
    private int _count;

    /// <summary>Where the next byte is read; all before it has been taken up.</summary>
    public int At { get; private set; } = at;

    /// <summary>Whether more bits were taken than there are.</summary>
    public readonly bool RanOut => _count < 0;

    /// <summary>The next 16 bits, zeros where there are none left.</summary>
    public int Peek16()
    {
        if (_count < 32)
            Fill();
        return (int)(_bits >> 48);
    }

    public void Skip(int length)
    {
        if (_count < length)
            Fill();
        _bits <<= length;
        _count -= length;
    }

    public int Take(int length)
    {
        var value = length == 0 ? 0 : Peek16() >> (16 - length);
        Skip(length);
        return value;
    }

    /// <summary>Goes on after the next marker, which has to be a restart.</summary>
    public bool Restart()
    {
        (_bits, _count) = (0, 0);
        while (At + 1 < _file.Length)
        {
            if (_file[At] != 0xFF || _file[At + 1] is 0x00 or 0xFF)
            {
                At++;
                continue;
            }

            At += 2;
            return _file[At - 1] is >= 0xD0 and <= 0xD7;
        }

        return false;
    }

    /// <summary>How many bytes there are to the next marker that is no restart.</summary>
    public readonly int LeftOver()
    {
        var at = At;
        while (at + 1 < _file.Length && (_file[at] != 0xFF || _file[at + 1] is 0x00 or (>= 0xD0 and <= 0xD7)))
            at++;
        return at - At;
    }

    private void Fill()
    {
        if (_count is >= 0 and <= 56 && At + 8 <= _file.Length)
        {
            var next = BinaryPrimitives.ReadUInt64BigEndian(_file[At..]);
            // No byte is FF. The bits of the last, split byte are laid down once more, at the same place, the next time.
            if (((~next - 0x0101010101010101) & next & 0x8080808080808080) == 0)
            {
                _bits |= next >> _count;
                var taken = (64 - _count) >> 3;
                At += taken;
                _count += taken * 8;
                return;
            }
        }

        while (_count is >= 0 and <= 56 && At < _file.Length)
        {
            var value = _file[At];
            if (value == 0xFF)
            {
                if (At + 1 >= _file.Length || _file[At + 1] != 0)
                    return;
                At++;
            }

            At++;
            _bits |= (ulong)value << (56 - _count);
            _count += 8;
        }
    }
}

/// <summary>A table of Huffman codes, as the DHT segment gives it.</summary>
internal sealed class HuffmanCodes
{
    private const int ShortLength = 9;

    // For each beginning of 9 bits: length and value of the code that it starts with, or 0 for a longer code.
    private readonly ushort[] _short = new ushort[1 << ShortLength];
    private readonly int[] _ends = new int[17];
    private readonly int[] _offsets = new int[17];
    private readonly byte[] _values;

    public HuffmanCodes(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> values)
    {
        _values = values.ToArray();
        var (code, index) = (0, 0);
        for (var length = 1; length <= 16; length++, code <<= 1)
        {
            _offsets[length] = index - code;
            for (var n = 0; n < counts[length - 1]; n++, code++, index++)
            {
                if (length > ShortLength || code >= 1 << length)
                    continue;
                var entry = (ushort)((length << 8) | values[index]);
                _short.AsSpan(code << (ShortLength - length), 1 << (ShortLength - length)).Fill(entry);
            }

            _ends[length] = code;
        }
    }

    /// <summary>The value of the next code, or -1 where the bits are none.</summary>
    public int Read(ref JpegBits bits)
    {
        var next = bits.Peek16();
        var entry = _short[next >> (16 - ShortLength)];
        if (entry != 0)
        {
            bits.Skip(entry >> 8);
            return entry & 0xFF;
        }

        for (var length = ShortLength + 1; length <= 16; length++)
        {
            var code = next >> (16 - length);
            if (code >= _ends[length])
                continue;
            bits.Skip(length);
            var index = code + _offsets[length];
            return (uint)index < (uint)_values.Length ? _values[index] : -1;
        }

        return -1;
    }
}
