namespace Rollcall.Server.Collections;

/// <summary>The collection was deleted while a request was working with it.</summary>
internal sealed class CollectionGoneException() : Exception("The collection was deleted.");
