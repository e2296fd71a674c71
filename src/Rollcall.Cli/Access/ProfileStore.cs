using System.Text.Json;

namespace Rollcall.Cli.Access;

/// <summary>The logins of this user, in a file that nobody else may read. Whoever changes it holds its lock.</summary>
internal static class ProfileStore
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    private static string FilePath => Environment.GetEnvironmentVariable("ROLLCALL_CONFIG") is { Length: > 0 } given
        ? Path.GetFullPath(given)
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "rollcall", "logins.json");

    public static Profile? Find(string name) => Read().GetValueOrDefault(name);

    /// <summary>Changes a profile under the lock: a refresh token is good for one use, and another command may be using it now.</summary>
    public static async Task<Profile?> ChangeAsync(string name, Func<Profile?, Task<Profile?>> change, TimeProvider time, CancellationToken cancellationToken)
    {
        OwnerFile.CreateFolderOf(FilePath);
        await using var held = await LockAsync(time, cancellationToken);
        var profiles = Read();
        var changed = await change(profiles.GetValueOrDefault(name));
        if (changed is null)
            profiles.Remove(name);
        else
            profiles[name] = changed;
        Write(profiles);
        return changed;
    }

    private static async Task<FileStream> LockAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return OwnerFile.Open(FilePath + ".lock", FileMode.OpenOrCreate);
            }
            catch (IOException) when (!cancellationToken.IsCancellationRequested && File.Exists(FilePath + ".lock"))
            {
                await Task.Delay(Between, time, cancellationToken);
            }
        }
    }

    private static Dictionary<string, Profile> Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(FilePath), ProfileJson.Default.DictionaryStringProfile) ?? [];
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return [];
        }
        catch (JsonException exception)
        {
            throw new CommandException(ExitCode.Usage, $"{FilePath} is damaged: remove it and log in again.", exception);
        }
    }

    private static void Write(Dictionary<string, Profile> profiles)
    {
        var temporary = FilePath + ".new";
        File.Delete(temporary);
        using (var stream = OwnerFile.Open(temporary, FileMode.CreateNew))
        {
            JsonSerializer.Serialize(stream, profiles, ProfileJson.Default.DictionaryStringProfile);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, FilePath, overwrite: true);
    }
}
