namespace Rollcall.Server.Storage;

/// <summary>Whether and with which keys images are encrypted where they lie.</summary>
internal sealed class EncryptionOptions
{
    /// <summary>The id of the key for new images; null: they are not encrypted.</summary>
    public string? ActiveKey { get; set; }

    /// <summary>Keys by their ids: 32 bytes in base64, or <c>file:</c> and the path of a file that holds them.</summary>
    public Dictionary<string, string> Keys { get; } = [];
}
