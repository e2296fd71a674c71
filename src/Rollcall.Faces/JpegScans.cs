using System.Buffers.Binary;

namespace Rollcall.Faces;

/// <summary>
/// Whether the coded data of a JPEG holds every block that its header announces. libjpeg fills what is missing with gray and
/// only warns, and the warning does not reach us. The Huffman codes are walked, coefficients are not computed: a few
/// nanoseconds a code. Left to the decoder: the refinement of AC coefficients in progressive files, arithmetic coding, and
/// whatever else is not understood here.
/// </summary>
internal ref struct JpegScans
{
    // A hole of zeros is made of valid codes, short ones: the blocks are complete long before the data ends. A little padding
    // is none of that.
    private const int MostLeftOver = 64;

    // A scan of a progressive file may be fifty bytes and stand for every block of the picture, so that a file within the limits could take
    // minutes. The decoder gives up at as many; a camera or an editor writes ten or so.
    private const int MostScans = 100;
    private const int MostComponentsInScan = 4;

    private readonly ReadOnlySpan<byte> _file;
    private readonly HuffmanCodes?[] _codes = new HuffmanCodes?[32];
    private readonly List<Component> _components = [];
    private int _width;
    private int _height;
    private int _restart;
    private int _scans;
    private bool _progressive;

    private JpegScans(ReadOnlySpan<byte> file) => _file = file;

    private sealed record Component(int Id, int Across, int Down);

    /// <summary>False where a block is missing or a code has no meaning.</summary>
    /// <param name="file">A JPEG that has its end marker.</param>
    public static bool AreWhole(ReadOnlySpan<byte> file) => new JpegScans(file).Walk();

    private bool Walk()
    {
        var at = 2;
        while (at + 4 <= _file.Length)
        {
            if (_file[at] != 0xFF || _file[at + 1] == 0xFF)
            {
                at++;
                continue;
            }

            var marker = _file[at + 1];
            if (marker == 0xD9)
                return true;
            if (marker is 0x00 or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                at += 2;
                continue;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(_file[(at + 2)..]);
            if (length < 2 || at + 2 + length > _file.Length)
                return false;
            var body = _file.Slice(at + 4, length - 2);
            at += 2 + length;
            switch (marker)
            {
                case 0xC4:
                    if (!ReadCodes(body))
                        return false;
                    break;
                case 0xDD when body.Length >= 2:
                    _restart = BinaryPrimitives.ReadUInt16BigEndian(body);
                    break;
                case 0xC0 or 0xC1 or 0xC2:
                    // The limits were checked of the first frame, and a picture has no second one.
                    if (_components.Count > 0)
                        return false;
                    if (!ReadFrame(body, progressive: marker == 0xC2))
                        return true;
                    break;
                case 0xDA:
                    if (_components.Count == 0)
                        return true;
                    if (++_scans > MostScans)
                        return false;
                    if (!Scan(body, ref at))
                        return false;
                    break;
            }
        }

        return true;
    }

    /// <summary>The frame header; false where it is none that this walk understands.</summary>
    private bool ReadFrame(ReadOnlySpan<byte> body, bool progressive)
    {
        if (body.Length < 6 || body.Length < 6 + (3 * body[5]))
            return false;
        (_height, _width) = (BinaryPrimitives.ReadUInt16BigEndian(body[1..]), BinaryPrimitives.ReadUInt16BigEndian(body[3..]));
        _progressive = progressive;
        _components.Clear();
        for (var i = 0; i < body[5]; i++)
        {
            var part = body.Slice(6 + (3 * i), 3);
            _components.Add(new(part[0], part[1] >> 4, part[1] & 15));
        }

        // The decoder may have taken its size from a frame of a kind that is not read here.
        return _height > 0 && _width > 0 && (long)_height * _width <= ImageDecoder.MaxPixels && _components.TrueForAll(part => part is { Across: > 0 and <= 4, Down: > 0 and <= 4 });
    }

    private bool ReadCodes(ReadOnlySpan<byte> body)
    {
        while (body.Length >= 17)
        {
            var count = 0;
            foreach (var ofLength in body.Slice(1, 16))
                count += ofLength;
            if (body[0] is var place && ((place & 0x0F) > 3 || place > 0x1F || body.Length < 17 + count))
                return false;
            _codes[place] = new(body.Slice(1, 16), body.Slice(17, count));
            body = body[(17 + count)..];
        }

        return body.IsEmpty;
    }

    private bool Scan(ReadOnlySpan<byte> header, ref int at)
    {
        if (header.IsEmpty || header[0] > MostComponentsInScan || header.Length < 4 + (2 * header[0]))
            return false;
        var (first, last, refines) = (header[^3], Math.Min((int)header[^2], 63), (header[^1] >> 4) != 0);
        if (_progressive && refines && first > 0)
            return true;
        var blocks = new List<(HuffmanCodes? Dc, HuffmanCodes? Ac)>();
        var (units, only) = (0L, header[0] == 1);
        var (across, down) = (_components.Max(part => part.Across), _components.Max(part => part.Down));
        for (var i = 0; i < header[0]; i++)
        {
            var (id, tables) = (header[1 + (2 * i)], header[2 + (2 * i)]);
            if (_components.Find(part => part.Id == id) is not { } component)
                return false;
            var codes = (Dc: _codes[(tables >> 4) & 3], Ac: _codes[16 + (tables & 3)]);
            // Frames of motion JPEG leave the standard tables out; the decoder knows them.
            if ((codes.Dc is null && first == 0 && !refines) || (codes.Ac is null && (first > 0 || !_progressive)))
                return true;
            for (var n = only ? 1 : component.Across * component.Down; n > 0; n--)
                blocks.Add(codes);
            units = only
                ? (long)Parts(Parts(_width * component.Across, across), 8) * Parts(Parts(_height * component.Down, down), 8)
                : (long)Parts(_width, 8 * across) * Parts(_height, 8 * down);
        }

        return Units(units, [.. blocks], first, _progressive ? last : 63, refines, ref at);
    }

    private static int Parts(int length, int part) => (length + part - 1) / part;

    private readonly bool Units(
        long units, ReadOnlySpan<(HuffmanCodes? Dc, HuffmanCodes? Ac)> blocks, int first, int last, bool refines, ref int at)
    {
        var bits = new JpegBits(_file, at);
        var emptyBlocks = 0;
        for (long unit = 0; unit < units; unit++)
        {
            if (_restart > 0 && unit > 0 && unit % _restart == 0)
            {
                if (!bits.Restart())
                    return false;
                emptyBlocks = 0;
            }

            foreach (var (dc, ac) in blocks)
            {
                if (refines)
                    bits.Skip(1);
                else if (!Block(ref bits, dc, ac, first, last, ref emptyBlocks))
                    return false;
            }

            if (bits.RanOut)
                return false;
        }

        at = bits.At;
        return bits.LeftOver() <= MostLeftOver;
    }

    private readonly bool Block(ref JpegBits bits, HuffmanCodes? dc, HuffmanCodes? ac, int first, int last, ref int emptyBlocks)
    {
        if (first == 0)
        {
            var size = dc?.Read(ref bits) ?? -1;
            if (size is < 0 or > 15)
                return false;
            bits.Skip(size);
            if (_progressive)
                return true;
        }

        if (emptyBlocks > 0)
        {
            emptyBlocks--;
            return true;
        }

        for (var k = Math.Max(first, 1); k <= last; k++)
        {
            var code = ac?.Read(ref bits) ?? -1;
            if (code < 0)
                return false;
            var (run, size) = (code >> 4, code & 15);
            if (size == 0 && run < 15)
            {
                // End of block; in a progressive file, of this one and of so many more.
                emptyBlocks = _progressive ? (1 << run) + bits.Take(run) - 1 : 0;
                return true;
            }

            k += run;
            if (k > 63)
                return false;
            bits.Skip(size);
        }

        return true;
    }
}
