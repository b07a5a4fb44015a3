namespace Azure.Storage.Blobs.Models;

/// <summary>A blob's content, whole in memory, and what came with it.</summary>
public class BlobDownloadResult
{
    internal BlobDownloadResult()
    {
    }

    public BinaryData Content { get; internal init; } = null!;

    public BlobDownloadDetails Details { get; internal init; } = null!;
}
