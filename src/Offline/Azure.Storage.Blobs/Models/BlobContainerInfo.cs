namespace Azure.Storage.Blobs.Models;

/// <summary>What the service answers to the making of a container.</summary>
public class BlobContainerInfo
{
    internal BlobContainerInfo()
    {
    }

    public ETag ETag { get; internal init; }

    public DateTimeOffset LastModified { get; internal init; }
}
