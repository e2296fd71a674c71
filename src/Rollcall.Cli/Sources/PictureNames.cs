namespace Rollcall.Cli.Sources;

/// <summary>Which files of a folder are photographs: by their names and sizes, since the content is the server's to judge.</summary>
internal static class PictureNames
{
    private static readonly HashSet<string> Taken = new(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp" };

    private static readonly HashSet<string> Refused = new(StringComparer.OrdinalIgnoreCase)
    {
        ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".dng", ".cr2", ".nef", ".arw",
    };

    public static bool IsPicture(string extension) => Taken.Contains(extension);

    /// <summary>
    /// A file of a folder as a photograph; null for one that is passed over. A picture in a format that is not taken is told as a failure:
    /// whoever has it in the folder wants the person enrolled.
    /// </summary>
    public static Photograph? Judge(string location, string relativePath, long length, ExternalIdRule rule)
    {
        var name = relativePath[(relativePath.LastIndexOf('/') + 1)..];
        var extension = Path.GetExtension(name);
        if (name.StartsWith('.')) return null;
        if (!Taken.Contains(extension) && !Refused.Contains(extension)) return null;

        var photograph = rule.Name(location, relativePath);
        if (photograph.Refusal is not null) return photograph;
        if (Refused.Contains(extension)) return photograph with { Refusal = Refusal.Format(extension) };
        return length > Photograph.LargestImage ? photograph with { Refusal = Refusal.TooLarge } : photograph;
    }
}
