namespace Relay.Core.Directory;

/// <summary>Port: where negotiation documents are kept. The relay trusts what it returns as far as it validates.</summary>
public interface IDirectoryDocumentSource
{
    /// <summary>Reads a negotiation's document.</summary>
    /// <param name="negotiation">
    /// A name that keeps the rule of names, so safe in a path; or that of a probe, which is safe too, and of no document.
    /// </param>
    /// <param name="knownVersion">Version of the document held; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A source that cannot be read answers <see cref="DirectoryReadStatus.Unavailable"/>; it does not throw.</returns>
    ValueTask<DirectoryRead> ReadAsync(string negotiation, string? knownVersion, CancellationToken cancellationToken);

    /// <summary>Names all negotiations that have a document.</summary>
    /// <param name="max">Most names wanted, at least 1.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null when they cannot be listed now or there are more than <paramref name="max"/>; it does not throw.</returns>
    ValueTask<IReadOnlySet<string>?> ListAsync(int max, CancellationToken cancellationToken);
}
