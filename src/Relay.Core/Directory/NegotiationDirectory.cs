using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Core.Caching;
using Relay.Core.Diagnostics;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Directory;

/// <summary>Step 2, first half: the negotiation's document, validated, and never older than <see cref="DirectoryOptions.MaxAge"/>.</summary>
/// <remarks>
/// A document that does not validate takes the place of the valid one before it at once: whoever wrote it meant to change something, and
/// which part of the old rules still stands is not for the relay to guess. Its envelopes wait until the document is mended.
/// </remarks>
internal sealed class NegotiationDirectory : IAsyncDisposable
{
    private readonly IDirectoryDocumentSource _source;
    private readonly DirectoryOptions _options;
    private readonly ILogger<NegotiationDirectory> _logger;
    private readonly BoundedAgeCache<string, NegotiationEntry> _cache;

    public NegotiationDirectory(IDirectoryDocumentSource source, IOptions<DirectoryOptions> options, TimeProvider time, ILogger<NegotiationDirectory> logger)
    {
        _source = source;
        _options = options.Value;
        _logger = logger;
        _cache = new BoundedAgeCache<string, NegotiationEntry>(new BoundedAgeCacheOptions(), LoadAsync, time);
    }

    /// <returns>Null when the directory cannot be read and nothing young enough is held.</returns>
    public ValueTask<NegotiationEntry?> FindAsync(string negotiation, CancellationToken cancellationToken) => _cache.GetAsync(negotiation, cancellationToken);

    public ValueTask DisposeAsync() => _cache.DisposeAsync();

    private async ValueTask<Loaded<NegotiationEntry>?> LoadAsync(string negotiation, NegotiationEntry? held, CancellationToken cancellationToken)
    {
        var read = await _source.ReadAsync(negotiation, held?.Version, cancellationToken).ConfigureAwait(false);
        return read.Status switch
        {
            DirectoryReadStatus.Found => Believe(Validate(negotiation, read)),
            DirectoryReadStatus.Unchanged when held is not null => Believe(held),
            // Unchanged from what? The source broke its contract; asking again is the safe reading.
            DirectoryReadStatus.Unchanged => null,
            DirectoryReadStatus.NotFound => new(NegotiationEntry.Unknown, _options.UnknownAge, _options.UnknownAge),
            DirectoryReadStatus.Unavailable => null,
        };
    }

    private Loaded<NegotiationEntry> Believe(NegotiationEntry entry) =>
        // A broken document is looked at again as soon as an absent one: the mend should not have to wait.
        entry.Document is null ? new(entry, _options.UnknownAge, _options.UnknownAge) : new(entry, _options.RefreshAfter, _options.MaxAge);

    private NegotiationEntry Validate(string negotiation, DirectoryRead read)
    {
        if (!NegotiationDocument.TryParse(read.Document.Span, out var document, out var errors))
        {
            return Refuse(negotiation, read, string.Join("; ", errors));
        }

        if (document.Negotiation != negotiation)
        {
            return Refuse(negotiation, read, $"expected a document of negotiation '{negotiation}', got one of '{document.Negotiation}'");
        }

        foreach (var delegation in document.Delegations.Values)
        {
            if (!DelegationTopic.IsValid(delegation.Topic) || (_options.Topics.Count > 0 && !_options.Topics.Contains(delegation.Topic)))
            {
                return Refuse(negotiation, read, $"expected a configured delegation-* topic for '{delegation.Name}', got {PeerText.Quote(delegation.Topic)}");
            }
        }

        RelayLog.DirectoryDocumentRead(_logger, negotiation, document.Version);
        return new NegotiationEntry(document, read.Version);
    }

    private NegotiationEntry Refuse(string negotiation, DirectoryRead read, string problem)
    {
        RelayLog.DirectoryDocumentInvalid(_logger, negotiation, problem);
        return new NegotiationEntry(problem, read.Version);
    }
}
