namespace Azure.Storage.Blobs.Models;

/// <summary>What a list says of each blob beside its properties; those the application can ask for.</summary>
[Flags]
public enum BlobTraits
{
    None = 0,
    Metadata = 2,
}
