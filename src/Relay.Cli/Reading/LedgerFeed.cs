using Relay.Client.Ledger;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Cli.Reading;

/// <summary>
/// A ledger's entries as they come, over HTTP. With <paramref name="trust"/> from the first on, and each round's are believed when they
/// hash, after those before, to the root that the relay has signed; without it, from the newest on, as the relay shows them. Not safe for
/// concurrent use.
/// </summary>
/// <param name="log">The relay's log.</param>
/// <param name="trust">Who signs for the relay; null to take its word, and only what comes from now on.</param>
/// <param name="negotiation">Whose ledger.</param>
internal sealed class LedgerFeed(HttpLedgerLog log, LedgerTrust? trust, string negotiation)
{
    private readonly Dictionary<Digest, NegotiationDocument?> _documents = [];
    private CompactRange _tree = new();
    private bool _isBegun;

    /// <summary>Name of the negotiation.</summary>
    public string Negotiation => negotiation;

    /// <summary>Entries that were read.</summary>
    public long Size { get; private set; }

    /// <summary>The checkpoint of the last round; null before the first.</summary>
    public SignedCheckpoint? Checkpoint { get; private set; }

    /// <summary>Reads what is new. A round that throws has read nothing, and the next begins where it began.</summary>
    /// <returns>The new entries, in the ledger's order; none while nothing has been logged.</returns>
    /// <exception cref="LedgerLogException">The log does not answer, or not so.</exception>
    /// <exception cref="CliFault">What it answers does not hold.</exception>
    public async Task<IReadOnlyList<FeedEntry>> ReadAsync(CancellationToken cancellationToken)
    {
        var signed = await log.FindCheckpointAsync(cancellationToken);
        var isFirst = !_isBegun;
        if (signed is null)
        {
            if (Size > 0) throw Wrong($"shows no ledger, and had {Size} entries");
            _isBegun = true;
            return [];
        }
        if (trust is not null && await trust.CheckAsync(signed, cancellationToken) is { Holds: false } check) throw Wrong(check.Detail);
        var size = signed.Checkpoint.Size;
        if (size < Size) throw Wrong($"has gone back from {Size} to {size} entries");
        if (isFirst && trust is null) Size = size;
        var tree = _tree.Clone();
        var entries = new List<FeedEntry>();
        for (var bundle = Size >> TileId.Height; bundle << TileId.Height < size && Size < size; bundle++)
        {
            await ReadBundleAsync(TileId.Of(TileId.EntriesLevel, bundle, size), tree, entries, cancellationToken);
        }
        if (trust is not null && tree.Root() != signed.Checkpoint.Root)
        {
            throw Wrong($"has {size} entries that do not hash to its signed root");
        }
        (_tree, Size, Checkpoint, _isBegun) = (tree, size, signed, true);
        return entries;
    }

    private async Task ReadBundleAsync(TileId tile, CompactRange tree, List<FeedEntry> read, CancellationToken cancellationToken)
    {
        var entries = await LedgerBundles.ReadAsync(log, negotiation, tile, cancellationToken);
        var next = Size + read.Count;
        for (var i = (int)(next - (tile.Index << TileId.Height)); i < entries.Length; i++, next++)
        {
            if (!LedgerEntry.TryParse(entries[i].Span, out var entry, out var error))
            {
                throw Wrong($"has entry {next} that cannot be read: {error}");
            }
            tree.Append(MerkleHash.Leaf(entries[i].Span));
            var document = entry.JudgedHeads.IsEmpty ? null : await FindAsync(entry.JudgedHeads[^1].Policy, cancellationToken);
            read.Add(new FeedEntry(next, entry, document));
        }
    }

    private async Task<NegotiationDocument?> FindAsync(Digest policy, CancellationToken cancellationToken)
    {
        if (_documents.TryGetValue(policy, out var document)) return document;
        return _documents[policy] = await log.FindPolicyAsync(policy, cancellationToken);
    }

    private CliFault Wrong(string what) => LedgerBundles.Wrong(negotiation, what);
}
