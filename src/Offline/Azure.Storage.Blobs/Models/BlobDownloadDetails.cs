namespace Azure.Storage.Blobs.Models;

/// <summary>What came with a blob's content.</summary>
public class BlobDownloadDetails
{
    internal BlobDownloadDetails()
    {
    }

    public ETag ETag { get; internal init; }

    public DateTimeOffset LastModified { get; internal init; }

    /// <summary>Bytes in this answer, not in the blob when a range was read.</summary>
    public long ContentLength { get; internal init; }

    public string? ContentType { get; internal init; }

    public IDictionary<string, string> Metadata { get; internal init; } = new Dictionary<string, string>();
}
