namespace Azure.Storage.Blobs.Models;

/// <summary>Which blobs beside the committed ones a list names; the application asks for none.</summary>
[Flags]
public enum BlobStates
{
    None = 0,
}
