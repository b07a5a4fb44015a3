namespace Azure.Storage.Blobs.Models;

/// <summary>What to read of a blob, and under which conditions.</summary>
public class BlobDownloadOptions
{
    /// <summary>The default value reads everything.</summary>
    public HttpRange Range { get; set; }

    public BlobRequestConditions? Conditions { get; set; }
}
