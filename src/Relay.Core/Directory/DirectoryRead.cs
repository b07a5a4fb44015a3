namespace Relay.Core.Directory;

/// <summary>What a directory answered; closed.</summary>
public enum DirectoryReadStatus
{
    /// <summary>The document is in <see cref="DirectoryRead.Document"/>.</summary>
    Found,

    /// <summary>The document is still of the version the caller knows.</summary>
    Unchanged,

    /// <summary>There is no document for that negotiation.</summary>
    NotFound,

    /// <summary>The directory cannot be read now.</summary>
    Unavailable,
}

/// <summary>An answer of the directory.</summary>
/// <param name="Status">What kind of answer.</param>
/// <param name="Document">UTF-8 JSON; empty unless found.</param>
/// <param name="Version">Opaque; differs when the document differs. Null unless found or unchanged.</param>
public readonly record struct DirectoryRead(DirectoryReadStatus Status, ReadOnlyMemory<byte> Document, string? Version);
