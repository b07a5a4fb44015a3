using System.Globalization;
using Azure.Core;
using Azure.Storage.Blobs.Models;

namespace Azure.Storage.Blobs.Specialized;

/// <summary>What every kind of blob can do. Safe for concurrent use.</summary>
public class BlobBaseClient
{
    private readonly StorageAddress _address;

    internal BlobBaseClient(Uri blobUri, StoragePipeline pipeline, StorageAddress address)
    {
        Uri = blobUri;
        Pipeline = pipeline;
        _address = address;
    }

    /// <summary>For fakes in tests, which override what they need.</summary>
    protected BlobBaseClient() => (Uri, Pipeline, _address) = (null!, null!, null!);

    public virtual Uri Uri { get; }

    public virtual string AccountName => _address.AccountName;

    public virtual string BlobContainerName => _address.ContainerName;

    public virtual string Name => _address.BlobName;

    private protected StoragePipeline Pipeline { get; }

    public virtual Task<Response<BlobDownloadResult>> DownloadContentAsync() => DownloadContentAsync(CancellationToken.None);

    public virtual Task<Response<BlobDownloadResult>> DownloadContentAsync(CancellationToken cancellationToken) =>
        DownloadContentAsync((BlobDownloadOptions?)null, cancellationToken);

    /// <summary>Reads the whole blob into memory.</summary>
    /// <exception cref="RequestFailedException">404 BlobNotFound or ContainerNotFound; 304 or 412 where a condition does not hold.</exception>
    public virtual Task<Response<BlobDownloadResult>> DownloadContentAsync(BlobRequestConditions? conditions, CancellationToken cancellationToken) =>
        DownloadContentAsync(new BlobDownloadOptions { Conditions = conditions }, cancellationToken);

    /// <inheritdoc cref="DownloadContentAsync(BlobRequestConditions, CancellationToken)" />
    public virtual async Task<Response<BlobDownloadResult>> DownloadContentAsync(BlobDownloadOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = Pipeline.CreateRequest(RequestMethod.Get, Uri, options?.Conditions);
        if (options is { Range: var range } && range != default) request.Headers.Add("x-ms-range", range.ToString());
        var response = await Pipeline.SendAsync(request, [200, 206], cancellationToken).ConfigureAwait(false);
        return Response.FromValue(BlobResponses.Download(response), response);
    }

    public virtual async Task<Response<bool>> ExistsAsync(CancellationToken cancellationToken = default)
    {
        var response = await Pipeline.SendAsync(Pipeline.CreateRequest(RequestMethod.Head, Uri), [200, 404], cancellationToken).ConfigureAwait(false);
        return Response.FromValue(response.Status == 200, response);
    }

    /// <exception cref="RequestFailedException">404 BlobNotFound or ContainerNotFound; 304 or 412 where a condition does not hold.</exception>
    public virtual async Task<Response<BlobProperties>> GetPropertiesAsync(BlobRequestConditions? conditions = null, CancellationToken cancellationToken = default)
    {
        var response = await Pipeline.SendAsync(Pipeline.CreateRequest(RequestMethod.Head, Uri, conditions), [200], cancellationToken).ConfigureAwait(false);
        return Response.FromValue(BlobResponses.Properties(response), response);
    }

    /// <summary>Deletes the blob; false when there was none.</summary>
    /// <exception cref="RequestFailedException">412 ConditionNotMet where a condition does not hold.</exception>
    public virtual async Task<Response<bool>> DeleteIfExistsAsync(
        DeleteSnapshotsOption snapshotsOption = DeleteSnapshotsOption.None,
        BlobRequestConditions? conditions = null,
        CancellationToken cancellationToken = default)
    {
        var request = Pipeline.CreateRequest(RequestMethod.Delete, Uri, conditions);
        if (snapshotsOption != DeleteSnapshotsOption.None)
        {
            request.Headers.Add("x-ms-delete-snapshots", snapshotsOption == DeleteSnapshotsOption.IncludeSnapshots ? "include" : "only");
        }

        var response = await Pipeline.SendAsync(request, [202, 404], cancellationToken).ConfigureAwait(false);
        return Response.FromValue(response.Status == 202, response);
    }

    private protected static string Invariant(long value) => value.ToString(CultureInfo.InvariantCulture);
}
