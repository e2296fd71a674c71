namespace Rollcall.Server.Storage;

/// <summary>An encrypted image cannot be had back as it was: its key is missing, or the file is not what was written. Nothing of it is given out.</summary>
internal sealed class BlobUnreadableException(string message) : IOException(message);
