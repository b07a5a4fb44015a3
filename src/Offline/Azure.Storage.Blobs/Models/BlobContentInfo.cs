namespace Azure.Storage.Blobs.Models;

/// <summary>What the service answers to a write.</summary>
public class BlobContentInfo
{
    internal BlobContentInfo()
    {
    }

    public ETag ETag { get; internal init; }

    public DateTimeOffset LastModified { get; internal init; }

    /// <summary>MD5 of the content as the service computed it; null where it did not.</summary>
    public byte[]? ContentHash { get; internal init; }
}
