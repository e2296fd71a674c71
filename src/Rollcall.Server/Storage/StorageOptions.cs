using System.ComponentModel.DataAnnotations;

namespace Rollcall.Server.Storage;

internal sealed class StorageOptions
{
    /// <summary>The folder of everything that is kept: database, uploads, model cache, secrets.</summary>
    [Required]
    public string Data { get; set; } = "data";

    /// <summary>Whether and with which keys images are encrypted where they lie.</summary>
    public EncryptionOptions Encryption { get; } = new();

    /// <summary>Uploads are refused before less than this is free on the disk. Null: 1 GB, on a small disk a tenth of it.</summary>
    [Range(0, double.MaxValue)]
    public long? ReserveBytes { get; set; }
}
