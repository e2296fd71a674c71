using System.Security.Cryptography;

namespace Rollcall.Faces.Models;

/// <summary>Whether bytes are those that a manifest pins.</summary>
internal static class FileCheck
{
    public const string Missing = "does not exist";

    /// <summary>Why the file cannot be used, or null when it can.</summary>
    public static async Task<string?> FaultOfAsync(string path, ModelFile file, CancellationToken ct)
    {
        try
        {
            await using var stream = File.OpenRead(path);
            return await FaultOfAsync(stream, file, ct);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return Missing;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read: {failure.Message}";
        }
    }

    /// <summary>The same for an open file, from its beginning.</summary>
    public static async Task<string?> FaultOfAsync(FileStream stream, ModelFile file, CancellationToken ct)
    {
        if (stream.Length != file.Bytes)
            return $"has {stream.Length} bytes where {file.Bytes} are expected";
        stream.Position = 0;
        var found = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, ct));
        return found == file.Sha256 ? null : $"has the SHA-256 {found} where {file.Sha256} is expected";
    }
}
