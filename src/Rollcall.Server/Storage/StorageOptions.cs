using System.ComponentModel.DataAnnotations;

namespace Rollcall.Server.Storage;

internal sealed class StorageOptions
{
    /// <summary>The folder of everything that is kept: database, uploads, model cache, secrets.</summary>
    [Required]
    public string Data { get; set; } = "data";
}
