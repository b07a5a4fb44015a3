namespace Azure.Storage.Blobs.Models;

/// <summary>Headers the service keeps with a blob and answers when it is read.</summary>
public class BlobHttpHeaders
{
    public string? ContentType { get; set; }

    public string? CacheControl { get; set; }
}
