using Rollcall.Server.Tests;

namespace Rollcall.Cli.Tests;

/// <summary>Folders of real photographs.</summary>
internal static class Photographs
{
    /// <summary>The first photographs of LFW, with all of a person.</summary>
    public static IEnumerable<string> Of(int count) => People().SelectMany(person => person).Take(count);

    /// <summary>One photograph each of the first people of LFW.</summary>
    public static List<string> OneOf(int people) => [.. People().Select(person => person.First()).Take(people)];

    /// <summary>Photographs as LFW lays them out: a folder a person.</summary>
    public static void Copy(IEnumerable<string> photographs, string folder)
    {
        foreach (var photograph in photographs)
        {
            var person = Directory.CreateDirectory(Path.Combine(folder, Path.GetFileName(Path.GetDirectoryName(photograph))!)).FullName;
            File.Copy(photograph, Path.Combine(person, Path.GetFileName(photograph)), overwrite: true);
        }
    }

    private static IEnumerable<IOrderedEnumerable<string>> People() => Directory.EnumerateDirectories(Path.Combine(Assets.Faces, "lfw"))
        .Order(StringComparer.Ordinal).Select(person => Directory.EnumerateFiles(person, "*.jpg").Order(StringComparer.Ordinal));

    public static string Person(string photograph) => Path.GetFileName(Path.GetDirectoryName(photograph))!;
}
