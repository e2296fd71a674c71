using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Rollcall.Server.Tests;

/// <summary>docs/contract.md names a test for each sentence of the contract on batch jobs; each of them must be there.</summary>
public sealed partial class ContractTableTests
{
    [Fact]
    public void Every_sentence_names_tests_that_are_there_or_says_that_its_feature_comes_later()
    {
        var tests = Assembly.GetExecutingAssembly().GetTypes()
            .SelectMany(type => type.GetMethods().Where(method => method.GetCustomAttributes<FactAttribute>(inherit: true).Any()).Select(method => $"{type.Name}.{method.Name}"))
            .ToHashSet(StringComparer.Ordinal);
        var rows = Rows();

        Assert.NotEmpty(rows);
        var wrong = new List<string>();
        foreach (var (sentence, proof) in rows)
        {
            var named = Name().Matches(proof).Select(name => name.Groups["test"].Value).ToList();
            wrong.AddRange(named.Where(name => !tests.Contains(name)).Select(name => $"{name} is not there: {sentence}"));
            if (named.Count == 0 && !proof.StartsWith("later: ", StringComparison.Ordinal)) wrong.Add($"nothing proves: {sentence}");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void No_sentence_stands_there_twice()
    {
        var sentences = Rows().Select(row => row.Sentence).ToList();

        Assert.Equal(sentences.Distinct(), sentences);
    }

    private static List<(string Sentence, string Proof)> Rows([CallerFilePath] string here = "") =>
    [
        .. File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", "contract.md"))
            .Select(line => Row().Match(line)).Where(row => row.Success)
            .Select(row => (row.Groups["sentence"].Value, row.Groups["proof"].Value)).Where(row => row.Item1 is not ("the contract says" or "---")),
    ];

    [GeneratedRegex(@"^\| ?(?<sentence>[^|]*?) ?\| ?(?<proof>[^|]*?) ?\|$", RegexOptions.ExplicitCapture)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<test>[A-Za-z]+Tests\\.\\w+)`", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
