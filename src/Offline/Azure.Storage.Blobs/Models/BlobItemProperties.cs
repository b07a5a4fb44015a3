namespace Azure.Storage.Blobs.Models;

/// <summary>Properties of a blob in a list.</summary>
public class BlobItemProperties
{
    internal BlobItemProperties()
    {
    }

    /// <summary>
    /// Without the quotes that the same tag has in a header, as the service lists it: compare only after <c>ToString("H")</c> on both sides.
    /// </summary>
    public ETag? ETag { get; internal init; }

    public DateTimeOffset? LastModified { get; internal init; }

    public DateTimeOffset? CreatedOn { get; internal init; }

    /// <summary>Bytes.</summary>
    public long? ContentLength { get; internal init; }

    public string? ContentType { get; internal init; }
}
