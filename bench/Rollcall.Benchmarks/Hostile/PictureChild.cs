using System.Globalization;
using Rollcall.Faces;

namespace Rollcall.Benchmarks.Hostile;

/// <summary>The process that may die: it works through its share of the pictures and says after each what came of it.</summary>
internal static class PictureChild
{
    public const string Ready = "ready";

    /// <summary>A line for each picture: its number, its format, what came of it, milliseconds, the largest resident set so far in kilobytes.</summary>
    public static int Run(PictureShare share, FaceEngine engine)
    {
        var mutator = new PictureMutator(PictureCorpus.Read(Material.Faces), share.Seed);
        Console.WriteLine(Ready);
        for (var number = share.First; number < share.End; number += share.Step)
        {
            var picture = mutator.Make(number);
            var start = TimeProvider.System.GetTimestamp();
            var outcome = OutcomeOf(engine, picture.File);
            var took = TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{number}\t{picture.Format}\t{outcome}\t{took:F1}\t{PeakKilobytes()}"));
        }

        return 0;
    }

    private static string OutcomeOf(FaceEngine engine, byte[] file)
    {
        try
        {
            return engine.Survey(file) switch
            {
                FaceSurvey.Read { Faces.Count: 0 } => "no face",
                FaceSurvey.Read => "faces",
                FaceSurvey.Unreadable bad => bad.Cause.ToString(),
                var other => other.GetType().Name,
            };
        }
        catch (Exception e)
        {
            // A bad picture is a result: whatever is thrown is what the campaign looks for.
            return $"{PictureCampaign.Thrown} {e.GetType().Name} {e.Message.ReplaceLineEndings(" ").Replace('\t', ' ')} {e.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}";
        }
    }

    private static string PeakKilobytes() =>
        OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1] : "0";
}
