namespace Rollcall.Faces;

/// <summary>x' = Xx·x + Xy·y + X0, y' = Yx·x + Yy·y + Y0. Whole coordinates are the centres of pixels.</summary>
internal readonly record struct Affine(double Xx, double Xy, double X0, double Yx, double Yy, double Y0)
{
    /// <summary>The map that applies <paramref name="first"/> and then this one.</summary>
    public Affine After(Affine first) => new(
        (Xx * first.Xx) + (Xy * first.Yx), (Xx * first.Xy) + (Xy * first.Yy), (Xx * first.X0) + (Xy * first.Y0) + X0,
        (Yx * first.Xx) + (Yy * first.Yx), (Yx * first.Xy) + (Yy * first.Yy), (Yx * first.X0) + (Yy * first.Y0) + Y0);

    /// <summary>
    /// The similarity (turn, uniform scale, shift; no mirroring) that moves <paramref name="from"/> onto <paramref name="to"/>
    /// with the least squared error. In the plane Umeyama's solution has this closed form.
    /// </summary>
    public static Affine Similarity(ReadOnlySpan<(double X, double Y)> from, ReadOnlySpan<(double X, double Y)> to)
    {
        var (fx, fy, tx, ty) = (0.0, 0.0, 0.0, 0.0);
        for (var i = 0; i < from.Length; i++)
        {
            fx += from[i].X / from.Length;
            fy += from[i].Y / from.Length;
            tx += to[i].X / from.Length;
            ty += to[i].Y / from.Length;
        }

        var (dot, cross, square) = (0.0, 0.0, 1e-12);
        for (var i = 0; i < from.Length; i++)
        {
            var (ax, ay, bx, by) = (from[i].X - fx, from[i].Y - fy, to[i].X - tx, to[i].Y - ty);
            dot += (ax * bx) + (ay * by);
            cross += (ax * by) - (ay * bx);
            square += (ax * ax) + (ay * ay);
        }

        var (a, b) = (dot / square, cross / square);
        return new(a, -b, tx - (a * fx) + (b * fy), b, a, ty - (b * fx) - (a * fy));
    }
}
