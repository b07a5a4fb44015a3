using Relay.Client.Ledger;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;
using Relay.Risk;
using Relay.Risk.Observations;
using Relay.Risk.Results;

namespace Relay.Cli.Reading;

/// <summary>
/// Reads a whole ledger over HTTP and believes of it what hashes to a root that the relay has signed. Whether each entry's signatures
/// hold is for an audit.
/// </summary>
internal sealed class LedgerReadout(HttpLedgerLog log, LedgerTrust trust, string negotiation)
{
    // What this machine keeps in memory of a ledger that is read whole: some hundred bytes an entry.
    private const long MaxWhole = 2_000_000;

    private readonly Dictionary<Digest, NegotiationDocument> _documents = [];
    private readonly Dictionary<long, Digest> _roots = [];

    /// <summary>Roots of the tree at the sizes that were asked for, as far as the ledger has come.</summary>
    public IReadOnlyDictionary<long, Digest> Roots => _roots;

    /// <summary>Everything that is in a ledger.</summary>
    /// <param name="sizes">Sizes to keep the root of.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CliFault">The ledger does not hold, or is too long.</exception>
    public Task<(LedgerStretch Ledger, LedgerObservations Observations)> ReadWholeAsync(
        IReadOnlySet<long> sizes, CancellationToken cancellationToken) => ReadAsync(null, isWhole: true, sizes, cancellationToken);

    /// <summary>The stretch of a ledger that signals are computed from.</summary>
    /// <param name="size">Size of the tree to compute them of; null for the newest.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="CliFault">The ledger does not hold, or is smaller than <paramref name="size"/>.</exception>
    public Task<(LedgerStretch Ledger, LedgerObservations Observations)> ReadAsync(long? size, CancellationToken cancellationToken) =>
        ReadAsync(size, isWhole: false, new HashSet<long>(), cancellationToken);

    private async Task<(LedgerStretch Ledger, LedgerObservations Observations)> ReadAsync(
        long? size, bool isWhole, IReadOnlySet<long> sizes, CancellationToken cancellationToken)
    {
        var signed = await log.FindCheckpointAsync(cancellationToken) ?? throw Targets.LedgerTarget.NoLedger(negotiation);
        var check = await trust.CheckAsync(signed, cancellationToken);
        if (!check.Holds) throw new CliFault($"The relay's checkpoint does not hold: {check.Detail}.", "Run 'relay audit'.");
        var checkpoint = signed.Checkpoint;
        var end = size ?? checkpoint.Size;
        if (end > checkpoint.Size)
        {
            throw new CliFault($"The relay computes from {end} entries and shows {checkpoint.Size}.", "Run 'relay audit'.");
        }
        if (isWhole && end > MaxWhole) throw new CliFault($"The ledger has {end} entries.", $"Expected at most {MaxWhole}.");
        var tree = new CompactRange();
        var root = MerkleHash.Empty;
        var observations = new LedgerObservations(isWhole ? 0 : SignalRange.From(end), policy => _documents.GetValueOrDefault(policy));
        for (var bundle = 0L; bundle << TileId.Height < checkpoint.Size; bundle++)
        {
            var tile = TileId.Of(TileId.EntriesLevel, bundle, checkpoint.Size);
            foreach (var entry in await LedgerBundles.ReadAsync(log, negotiation, tile, cancellationToken))
            {
                if (tree.Size >= observations.From && tree.Size < end) await ObserveAsync(observations, entry, cancellationToken);
                tree.Append(MerkleHash.Leaf(entry.Span));
                if (tree.Size == end) root = tree.Root();
                if (sizes.Contains(tree.Size)) _roots[tree.Size] = tree.Root();
            }
        }
        if (tree.Root() != checkpoint.Root)
        {
            throw LedgerBundles.Wrong(negotiation, $"has {checkpoint.Size} entries that do not hash to its signed root");
        }
        return (new LedgerStretch(observations.From, end, root), observations);
    }

    private async Task ObserveAsync(LedgerObservations observations, ReadOnlyMemory<byte> text, CancellationToken cancellationToken)
    {
        if (!LedgerEntry.TryParse(text.Span, out var entry, out var error)) throw Bad(observations.Next, error);
        foreach (var judged in entry.JudgedHeads)
        {
            if (_documents.ContainsKey(judged.Policy)) continue;
            if (await log.FindPolicyAsync(judged.Policy, cancellationToken) is { } document) _documents.Add(judged.Policy, document);
        }
        if (!observations.TryAdd(entry, out error)) throw Bad(observations.Next, error);
    }

    private CliFault Bad(long index, string error) =>
        LedgerBundles.Wrong(negotiation, $"has entry {index} that cannot be read: {error}");
}
