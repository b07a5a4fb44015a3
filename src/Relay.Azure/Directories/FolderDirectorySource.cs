using Microsoft.Extensions.Logging;
using Relay.Azure.Diagnostics;
using Relay.Core.Directory;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Azure.Directories;

/// <summary>Negotiation documents in a folder, one <c>{negotiation}.json</c> each: the local stack's directory.</summary>
internal sealed class FolderDirectorySource(string folder, ILogger<FolderDirectorySource> logger) : IDirectoryDocumentSource
{
    private readonly Outages _outages = new();

    /// <inheritdoc/>
    public async ValueTask<DirectoryRead> ReadAsync(string negotiation, string? knownVersion, CancellationToken cancellationToken)
    {
        try
        {
            var document = await ReadFileAsync(
                Path.Combine(folder, DirectoryFile.Name(negotiation)), cancellationToken).ConfigureAwait(false);
            if (_outages.End(folder)) AzureLog.DirectoryReadable(logger, folder);
            // The content is the version: time stamps are too coarse for an edit right after a read.
            var version = Digest.Of(document).ToString();
            return version == knownVersion
                ? new(DirectoryReadStatus.Unchanged, default, version)
                : new(DirectoryReadStatus.Found, document, version);
        }
        catch (FileNotFoundException)
        {
            if (_outages.End(folder)) AzureLog.DirectoryReadable(logger, folder);
            return new(DirectoryReadStatus.NotFound, default, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_outages.Begin(folder)) AzureLog.DirectoryUnreadable(logger, folder, e);
            return new(DirectoryReadStatus.Unavailable, default, null);
        }
    }

    /// <inheritdoc/>
    // The file system has no listing that does not block, and whoever asks has other envelopes in hand.
    public async ValueTask<IReadOnlySet<string>?> ListAsync(int max, CancellationToken cancellationToken) =>
        await Task.Run(() => List(max, cancellationToken), cancellationToken).ConfigureAwait(false);

    private HashSet<string>? List(int max, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!DirectoryFile.TryParse(Path.GetFileName(path), out var negotiation)) continue;
                if (names.Count == max) return null;
                names.Add(negotiation);
            }

            return names;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_outages.Begin(folder)) AzureLog.DirectoryUnreadable(logger, folder, e);
            return null;
        }
    }

    // At most one byte more than a document may have, which is enough for its reader to refuse it.
    private static async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        using var stream = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 4_096, useAsync: true);
        var buffer = new byte[Math.Min(stream.Length, NegotiationDocument.MaxBytes + 1)];
        var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return read == buffer.Length ? buffer : buffer[..read];
    }
}
