using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Core.Caching;
using Relay.Core.Diagnostics;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Directory;

/// <summary>
/// Step 2, first half: the negotiation's document, validated, and never older than <see cref="DirectoryOptions.MaxAge"/>.
/// </summary>
/// <remarks>
/// A document that does not validate takes the place of the valid one before it at once: whoever wrote it meant to change something, and
/// which part of the old rules still stands is not for the relay to guess. Its envelopes wait until the document is mended.
/// <para>Names never met cost a read each, and strangers can make up any number
/// of them: each <see cref="DirectoryShare"/> has so many a second. Past
/// that, one listing of all names, at most <see cref="DirectoryOptions.UnknownAge"/>
/// old, tells those that exist, which are read all the same, from those
/// made up, which cost nothing any more. It is made anew at half that age while names are looked for, and nobody waits for
/// that: listing 100,000 negotiations takes seconds, and all that are met for the first time would stand still meanwhile.</para>
/// </remarks>
internal sealed class NegotiationDirectory : IAsyncDisposable
{
    // Names made up are told from others by one listing; a directory of more negotiations than this is not listed.
    private const int MaxListed = 100_000;

    // The budgets are the shares'; the cache's own has to let all of them and what is listed through.
    private static readonly BoundedAgeCacheOptions Bounds = new() { NewKeysPerSecond = int.MaxValue };

    private readonly IDirectoryDocumentSource _source;
    private readonly DirectoryOptions _options;
    private readonly ILogger<NegotiationDirectory> _logger;
    private readonly BoundedAgeCache<string, NegotiationEntry> _cache;
    private readonly BoundedAgeCache<int, IReadOnlySet<string>> _listing;
    private readonly FrozenDictionary<DirectoryShare, SecondBudget> _budgets;

    public NegotiationDirectory(
        IDirectoryDocumentSource source, IOptions<DirectoryOptions> options, TimeProvider time, ILogger<NegotiationDirectory> logger)
    {
        _source = source;
        _options = options.Value;
        _logger = logger;
        _cache = new BoundedAgeCache<string, NegotiationEntry>(Bounds, LoadAsync, time);
        _listing = new BoundedAgeCache<int, IReadOnlySet<string>>(Bounds, ListAsync, time);
        _budgets = Enum.GetValues<DirectoryShare>()
            .ToFrozenDictionary(share => share, _ => new SecondBudget(_options.NewNamesPerSecond, time));
    }

    /// <summary>Looks a negotiation up.</summary>
    /// <param name="negotiation">Any text; one that breaks the rule of names is of no negotiation.</param>
    /// <param name="share">On whose behalf.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null when the directory cannot be read and nothing young enough is held.</returns>
    public ValueTask<NegotiationEntry?> FindAsync(string negotiation, DirectoryShare share, CancellationToken cancellationToken)
    {
        if (!RelayName.IsValid(negotiation)) return new(NegotiationEntry.Unknown);
        return _cache.Holds(negotiation) || _budgets[share].TryTake()
            ? _cache.GetAsync(negotiation, cancellationToken)
            : FindListedAsync(negotiation, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _cache.DisposeAsync().ConfigureAwait(false);
        await _listing.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<NegotiationEntry?> FindListedAsync(string negotiation, CancellationToken cancellationToken)
    {
        if (await _listing.GetAsync(0, cancellationToken).ConfigureAwait(false) is not { } names) return null;
        return names.Contains(negotiation)
            ? await _cache.GetAsync(negotiation, cancellationToken).ConfigureAwait(false)
            : NegotiationEntry.Unknown;
    }

    private async ValueTask<Loaded<IReadOnlySet<string>>?> ListAsync(
        int key, IReadOnlySet<string>? held, CancellationToken cancellationToken) =>
        await _source.ListAsync(MaxListed, cancellationToken).ConfigureAwait(false) is { } names
            ? new(names, _options.UnknownAge / 2, _options.UnknownAge)
            : null;

    private async ValueTask<Loaded<NegotiationEntry>?> LoadAsync(
        string negotiation, NegotiationEntry? held, CancellationToken cancellationToken)
    {
        var read = await _source.ReadAsync(negotiation, held?.Version, cancellationToken).ConfigureAwait(false);
        return read.Status switch
        {
            DirectoryReadStatus.Found => Believe(Validate(negotiation, read)),
            DirectoryReadStatus.Unchanged when held is not null => Believe(held),
            // Unchanged from what? The source broke its contract; asking again is the safe reading.
            DirectoryReadStatus.Unchanged => null,
            DirectoryReadStatus.NotFound =>
                new Loaded<NegotiationEntry>(NegotiationEntry.Unknown, _options.UnknownAge, _options.UnknownAge) { IsExpendable = true },
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
                return Refuse(
                    negotiation,
                    read,
                    $"expected a configured delegation-* topic for '{delegation.Name}', got {PeerText.Quote(delegation.Topic)}");
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
