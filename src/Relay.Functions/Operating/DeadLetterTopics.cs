using Relay.Core.Directory;
using Relay.Protocol.Negotiations;

namespace Relay.Functions.Operating;

/// <summary>Topics whose subscriptions may hold dead letters: those of the delegations that the directory's documents name.</summary>
/// <param name="source">The directory, read as it is at that moment: an operator looks now and then.</param>
public sealed class DeadLetterTopics(IDirectoryDocumentSource source)
{
    /// <summary>Most that are told, of as many negotiations at most: whoever looks asks for each.</summary>
    public const int Most = 64;

    /// <summary>In the order of their names.</summary>
    /// <param name="negotiation">Of this negotiation alone; null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null where there are more than <see cref="Most"/>, or the directory cannot be read now.</returns>
    internal async Task<IReadOnlyList<string>?> FindAsync(string? negotiation, CancellationToken cancellationToken)
    {
        IEnumerable<string>? names = negotiation is null ? await source.ListAsync(Most, cancellationToken) : [negotiation];
        if (names is null) return null;
        var topics = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var read = await source.ReadAsync(name, null, cancellationToken);
            if (read.Status == DirectoryReadStatus.Unavailable) return null;
            if (!NegotiationDocument.TryParse(read.Document.Span, out var document, out _)) continue;
            topics.UnionWith(document.Delegations.Values.Select(static delegation => delegation.Topic));
        }

        return topics.Count > Most ? null : [.. topics];
    }
}
