using Rollcall.Client.Contracts;

namespace Rollcall.Server.Hosting;

internal static class Boxes
{
    /// <summary>Shares of the picture to a hundred-thousandth: finer than a pixel of any picture that is taken.</summary>
    public static BoundingBox ToContract(double x, double y, double width, double height) => new()
    {
        X = Math.Round(x, 5),
        Y = Math.Round(y, 5),
        Width = Math.Round(width, 5),
        Height = Math.Round(height, 5),
    };
}
