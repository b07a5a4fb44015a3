namespace Azure.Storage.Blobs.Models;

/// <summary>A blob's properties, without its content.</summary>
public class BlobProperties
{
    internal BlobProperties()
    {
    }

    public ETag ETag { get; internal init; }

    public DateTimeOffset LastModified { get; internal init; }

    public DateTimeOffset CreatedOn { get; internal init; }

    /// <summary>Bytes.</summary>
    public long ContentLength { get; internal init; }

    public string? ContentType { get; internal init; }

    public IDictionary<string, string> Metadata { get; internal init; } = new Dictionary<string, string>();
}
