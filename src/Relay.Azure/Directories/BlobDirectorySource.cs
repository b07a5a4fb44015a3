using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Logging;
using Relay.Azure.Diagnostics;
using Relay.Core.Directory;
using Relay.Protocol.Negotiations;

namespace Relay.Azure.Directories;

/// <summary>Negotiation documents in a blob container, one <c>{negotiation}.json</c> each; read again only when the ETag differs.</summary>
internal sealed class BlobDirectorySource(BlobContainerClient container, ILogger<BlobDirectorySource> logger) : IDirectoryDocumentSource
{
    private readonly Outages _outages = new();

    /// <inheritdoc/>
    public async ValueTask<DirectoryRead> ReadAsync(string negotiation, string? knownVersion, CancellationToken cancellationToken)
    {
        var options = new BlobDownloadOptions
        {
            // One byte more than a document may have is enough for its reader to refuse it.
            Range = new HttpRange(0, NegotiationDocument.MaxBytes + 1),
            Conditions = knownVersion is null ? null : new BlobRequestConditions { IfNoneMatch = new ETag(knownVersion) },
        };
        try
        {
            var response = await container.GetBlobClient(DirectoryFile.Name(negotiation))
                .DownloadContentAsync(options, cancellationToken).ConfigureAwait(false);
            Readable();
            // The client answers 304 without a body, and its Value throws.
            if (response.GetRawResponse().Status == 304) return new(DirectoryReadStatus.Unchanged, default, knownVersion);
            var document = response.Value;
            return new(DirectoryReadStatus.Found, document.Content.ToMemory(), document.Details.ETag.ToString("H"));
        }
        catch (RequestFailedException e) when (e.Status == 304)
        {
            Readable();
            return new(DirectoryReadStatus.Unchanged, default, knownVersion);
        }
        catch (RequestFailedException e) when (e.Status == 404 && e.ErrorCode == BlobErrorCode.BlobNotFound)
        {
            Readable();
            return new(DirectoryReadStatus.NotFound, default, null);
        }
        catch (Exception e) when (ServiceFailure.Is(e))
        {
            if (_outages.Begin(container.Name)) AzureLog.DirectoryUnreadable(logger, container.Name, e);
            return new(DirectoryReadStatus.Unavailable, default, null);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlySet<string>?> ListAsync(int max, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            await foreach (
                var blob in container.GetBlobsAsync(BlobTraits.None, BlobStates.None, null, cancellationToken).ConfigureAwait(false))
            {
                if (!DirectoryFile.TryParse(blob.Name, out var negotiation)) continue;
                if (names.Count == max) return null;
                names.Add(negotiation);
            }

            Readable();
            return names;
        }
        catch (Exception e) when (ServiceFailure.Is(e))
        {
            if (_outages.Begin(container.Name)) AzureLog.DirectoryUnreadable(logger, container.Name, e);
            return null;
        }
    }

    private void Readable()
    {
        if (_outages.End(container.Name)) AzureLog.DirectoryReadable(logger, container.Name);
    }
}
