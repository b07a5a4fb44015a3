using Relay.Core.Ledger.Reading;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;
using Relay.Risk;
using Relay.Risk.Observations;
using Relay.Risk.Results;

namespace Relay.Functions.Reading;

/// <summary>
/// Reads what a negotiation's signals are computed from: of the newest tree the bundles that <see cref="SignalRange"/> names. The last
/// ledgers that were asked for are kept, so whoever looks again while nothing has been logged costs no read but the checkpoint's. Safe
/// for concurrent use.
/// </summary>
/// <param name="ledger">The ledgers; what it answers is verified.</param>
public sealed class SignalReader(LedgerReader ledger)
{
    // A megabyte or two each at the most entries.
    private const int MaxKept = 16;

    // Guards _kept; nothing is awaited inside.
    private readonly Lock _gate = new();
    private readonly LinkedList<SignalSource> _kept = new();

    /// <summary>Reads it.</summary>
    /// <returns>Absent when nothing has been logged.</returns>
    public async ValueTask<LedgerRead<SignalSource>> ReadAsync(string negotiation, CancellationToken cancellationToken)
    {
        var signed = await ledger.CheckpointAsync(negotiation, cancellationToken);
        if (!signed.IsFound) return signed.Failure;
        var checkpoint = signed.Value.Checkpoint;
        if (Find(negotiation, checkpoint.Root) is { } known) return known;
        var read = await ReadAsync(negotiation, checkpoint, cancellationToken);
        if (read.IsFound) Keep(read.Value);
        return read;
    }

    /// <summary>Reads of the same what is new: the bundles from that of an entry on, or none. None is kept.</summary>
    /// <param name="negotiation">Name of the negotiation.</param>
    /// <param name="next">Index of the first entry that is wanted.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Absent when nothing has been logged.</returns>
    public async ValueTask<LedgerRead<SignalSource>> ReadSinceAsync(string negotiation, long next, CancellationToken cancellationToken)
    {
        var signed = await ledger.CheckpointAsync(negotiation, cancellationToken);
        return signed.IsFound
            ? await ReadAsync(negotiation, signed.Value.Checkpoint, cancellationToken, next)
            : signed.Failure;
    }

    private async ValueTask<LedgerRead<SignalSource>> ReadAsync(
        string negotiation, Checkpoint checkpoint, CancellationToken cancellationToken, long next = 0)
    {
        var documents = new Dictionary<Digest, NegotiationDocument>();
        var bundles = SignalRange.Bundles(checkpoint.Size).RemoveAll(bundle => (bundle.Index + 1) * TileId.FullWidth <= next);
        if (checkpoint.Size <= next) bundles = [];
        var from = bundles.IsEmpty ? checkpoint.Size : bundles[0].Index * TileId.FullWidth;
        var observations = new LedgerObservations(from, policy => documents.GetValueOrDefault(policy));
        foreach (var bundle in bundles)
        {
            var read = await ledger.TileAsync(negotiation, bundle, cancellationToken);
            if (!read.IsFound) return read.Failure;
            if (!EntryBundle.TryRead(read.Value.Content, bundle.Width, out var entries, out var error)) return Damaged(error);
            foreach (var text in entries)
            {
                if (!LedgerEntry.TryParse(text.Span, out var entry, out error)) return Damaged(error);
                if (await NeedAsync(negotiation, entry, documents, cancellationToken) is { } failure) return failure;
                if (!observations.TryAdd(entry, out error)) return Damaged(error);
            }
        }
        var stretch = new LedgerStretch(observations.From, checkpoint.Size, checkpoint.Root);
        var relay = checkpoint.Origin[..^(negotiation.Length + 1)];
        return new SignalSource(negotiation, relay, stretch, observations);
    }

    // The documents by which an entry was judged; the ledger keeps each as long as it lasts.
    private async ValueTask<LedgerReadFailure?> NeedAsync(
        string negotiation, LedgerEntry entry, Dictionary<Digest, NegotiationDocument> documents, CancellationToken cancellationToken)
    {
        foreach (var judged in entry.JudgedHeads)
        {
            if (documents.ContainsKey(judged.Policy)) continue;
            var read = await ledger.PolicyAsync(negotiation, judged.Policy, cancellationToken);
            if (read.Status == LedgerReadStatus.Absent) return Damaged(read.Problem);
            if (!read.IsFound) return read.Failure;
            if (!NegotiationDocument.TryParse(read.Value.Content.Span, out var document, out var errors))
            {
                return Damaged(string.Join(' ', errors));
            }
            documents.Add(judged.Policy, document);
        }
        return null;
    }

    private SignalSource? Find(string negotiation, Digest root)
    {
        lock (_gate)
        {
            return _kept.FirstOrDefault(source => source.Negotiation == negotiation && source.Ledger.Root == root);
        }
    }

    private void Keep(SignalSource source)
    {
        lock (_gate)
        {
            for (var node = _kept.First; node is not null; node = node.Next)
            {
                if (node.Value.Negotiation != source.Negotiation) continue;
                _kept.Remove(node);
                break;
            }
            _kept.AddFirst(source);
            if (_kept.Count > MaxKept) _kept.RemoveLast();
        }
    }

    private static LedgerReadFailure Damaged(string problem) => new(LedgerReadStatus.Damaged, problem);
}
