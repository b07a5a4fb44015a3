namespace Azure.Storage.Blobs.Models;

/// <summary>What must hold at the service for a request to be carried out; everything null for always.</summary>
public class BlobRequestConditions : RequestConditions
{
    /// <summary>The lease a write must name on a leased blob.</summary>
    public string? LeaseId { get; set; }

    /// <summary>A condition on the blob's tags, in the service's SQL-like language.</summary>
    public string? TagConditions { get; set; }
}
