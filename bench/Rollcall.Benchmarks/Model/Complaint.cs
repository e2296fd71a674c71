namespace Rollcall.Benchmarks.Model;

/// <summary>The stores did not do what the model does.</summary>
internal sealed class Complaint(string message) : Exception(message)
{
    public static void Unless<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual)) throw new Complaint($"{what}: {expected} expected, it is {actual}");
    }

    public static void UnlessSame<T>(IEnumerable<T> expected, IEnumerable<T> actual, string what)
    {
        var (left, right) = (expected.ToList(), actual.ToList());
        if (left.SequenceEqual(right)) return;
        throw new Complaint($"{what}:\nexpected and not there\n  {string.Join("\n  ", left.Except(right))}\nthere and not expected\n  {string.Join("\n  ", right.Except(left))}");
    }
}
