namespace Azure.Storage.Blobs.Models;

/// <summary>Who may read a container without credentials.</summary>
public enum PublicAccessType
{
    None = 0,
    BlobContainer = 1,
    Blob = 2,
}
