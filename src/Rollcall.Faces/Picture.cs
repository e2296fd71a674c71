using System.Buffers;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Rollcall.Faces;

/// <summary>
/// Decoded pixels, 4 bytes each (red, green, blue, unused), in the order the file stores them. The picture is never turned:
/// whoever reads it goes through <see cref="ToStored"/>, which costs nothing, where turning would copy every pixel.
/// "Upright" coordinates are those of the picture as a viewer shows it, at the decoded scale.
/// </summary>
internal sealed unsafe class Picture : IDisposable
{
    // The shared pool keeps what it is given; above this size memory goes back to the system at once.
    private const int LargestPooled = 32 << 20;

    // Pictures that cannot be scaled while they are decoded take up to 160 MB. On a machine of many cores as many of them at once would
    // be gigabytes, so a few at a time are held; whoever brings another waits for one of them to be done.
    private const int LargeAtOnce = 3;
    private static readonly SemaphoreSlim Large = new(LargeAtOnce);

    private byte[]? _pooled;
    private GCHandle _pin;
    private void* _native;

    public Picture(int storedWidth, int storedHeight, SKEncodedOrigin origin)
    {
        (StoredWidth, StoredHeight, Origin) = (storedWidth, storedHeight, origin);
        var length = checked(storedWidth * storedHeight * 4);
        if (length <= LargestPooled)
        {
            _pooled = ArrayPool<byte>.Shared.Rent(length);
            _pin = GCHandle.Alloc(_pooled, GCHandleType.Pinned);
            Pixels = (byte*)_pin.AddrOfPinnedObject();
        }
        else
        {
            Large.Wait();
            try
            {
                _native = NativeMemory.Alloc((nuint)length);
            }
            catch (OutOfMemoryException)
            {
                Large.Release();
                throw;
            }

            Pixels = (byte*)_native;
        }
    }

    public byte* Pixels { get; private set; }
    public int StoredWidth { get; }
    public int StoredHeight { get; }
    public int Stride => StoredWidth * 4;
    public SKEncodedOrigin Origin { get; }
    public bool Sideways => Origin >= SKEncodedOrigin.LeftTop;

    /// <summary>Upright width.</summary>
    public int Width => Sideways ? StoredHeight : StoredWidth;

    /// <summary>Upright height.</summary>
    public int Height => Sideways ? StoredWidth : StoredHeight;

    /// <summary>Pixels of the file for each pixel here, 1 or more.</summary>
    public required double Reduction { get; init; }

    /// <summary>From upright to stored coordinates. The eight cases are those of the EXIF orientation tag.</summary>
    public Affine ToStored => StoredOf(Origin, StoredWidth, StoredHeight);

    public static Affine StoredOf(SKEncodedOrigin origin, int storedWidth, int storedHeight)
    {
        var (right, bottom) = (storedWidth - 1, storedHeight - 1);
        return origin switch
        {
            SKEncodedOrigin.TopRight => new(-1, 0, right, 0, 1, 0),
            SKEncodedOrigin.BottomRight => new(-1, 0, right, 0, -1, bottom),
            SKEncodedOrigin.BottomLeft => new(1, 0, 0, 0, -1, bottom),
            SKEncodedOrigin.LeftTop => new(0, 1, 0, 1, 0, 0),
            SKEncodedOrigin.RightTop => new(0, 1, 0, -1, 0, bottom),
            SKEncodedOrigin.RightBottom => new(0, -1, right, -1, 0, bottom),
            SKEncodedOrigin.LeftBottom => new(0, -1, right, 1, 0, 0),
            _ => new(1, 0, 0, 0, 1, 0),
        };
    }

    public void Dispose()
    {
        Pixels = null;
        if (_pooled is not null)
        {
            _pin.Free();
            ArrayPool<byte>.Shared.Return(_pooled, clearArray: true); // a face must not lie about in the pool
            _pooled = null;
        }

        if (_native is null)
            return;
        NativeMemory.Free(_native);
        _native = null;
        Large.Release();
    }
}
