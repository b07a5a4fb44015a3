namespace Azure.Storage.Blobs.Models;

/// <summary>Makes what only the service makes otherwise, for tests of code that uses a blob client.</summary>
public static class BlobsModelFactory
{
    public static BlobDownloadResult BlobDownloadResult(BinaryData? content = null, BlobDownloadDetails? details = null) =>
        new() { Content = content!, Details = details! };
}
