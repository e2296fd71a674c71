namespace Rollcall.Server.Accounts;

/// <summary>What is taken for an e-mail address: nothing is ever sent there, so it need only be one that a person recognizes.</summary>
internal static class EmailAddress
{
    public const int Longest = 254;

    public static string KeyOf(string text) => text.Trim().ToUpperInvariant();

    public static bool IsNone(string text)
    {
        var email = text.Trim();
        var at = email.IndexOf('@', StringComparison.Ordinal);
        return at < 1 || at == email.Length - 1 || email.Length > Longest || email.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));
    }
}
