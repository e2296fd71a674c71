using System.Security.Cryptography;

namespace Rollcall.Server.Storage;

/// <summary>A key that is made when it is first asked for and stays in the data folder, readable by its owner alone.</summary>
internal static class SecretFile
{
    private const int KeyBytes = 64;

    public static byte[] ReadOrCreate(DataFolder folder, string name)
    {
        var path = Path.Combine(folder.Secrets, name);
        if (File.Exists(path)) return File.ReadAllBytes(path);

        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        var partial = path + ".partial";
        var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(partial, create))
        {
            file.Write(key);
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path);
        FolderSync.Sync(folder.Secrets);
        return key;
    }
}
