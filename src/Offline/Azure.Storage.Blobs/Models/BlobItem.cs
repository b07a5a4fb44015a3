namespace Azure.Storage.Blobs.Models;

/// <summary>A blob in a list.</summary>
public class BlobItem
{
    internal BlobItem()
    {
    }

    /// <summary>Within the container; slashes are part of it.</summary>
    public string Name { get; internal init; } = null!;

    public BlobItemProperties Properties { get; internal init; } = null!;

    /// <summary>Null unless asked for with <see cref="BlobTraits.Metadata"/>.</summary>
    public IDictionary<string, string>? Metadata { get; internal init; }
}
