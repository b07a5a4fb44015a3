namespace Azure.Storage.Blobs.Models;

/// <summary>What happens to a blob's snapshots when it is deleted; with <see cref="None"/>, a blob that has some is not deleted.</summary>
public enum DeleteSnapshotsOption
{
    None = 0,
    IncludeSnapshots = 1,
    OnlySnapshots = 2,
}
