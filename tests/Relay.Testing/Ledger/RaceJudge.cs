using Relay.Core.Admission;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Store;
using Relay.Core.Rulings;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Testing.Ledger;

/// <summary>
/// Judges the outcomes of a race over one ledger: each index is given once, receipts hold, and all their checkpoints are of one tree.
/// </summary>
internal sealed class RaceJudge(string origin, LocalCertifier certifier) : IDisposable
{
    private readonly ReceiptVerifier _receipts = new(origin, key => key.Text == certifier.KeyId ? certifier.PublicKey : null);
    private readonly Dictionary<long, Digest> _indices = [];
    private readonly Dictionary<long, Digest> _roots = [];

    /// <summary>Evidence entries that the outcomes promise.</summary>
    public long Evidence { get; private set; }

    /// <summary>Outcomes of an envelope that was before its time.</summary>
    public long Held { get; private set; }

    public void Logged(AdmittedEnvelope envelope, CommitOutcome outcome)
    {
        Assert.True(outcome.IsLogged, $"{envelope.Envelope.Id}: {outcome.Ruling?.Verdict}: {outcome.Ruling?.Description}");
        Assert.True(
            _indices.TryAdd(outcome.Index, envelope.Envelope.Digest),
            $"{envelope.Envelope.Id}: entry {outcome.Index} is another envelope's");
        Check(envelope, outcome);
    }

    public void LoggedOnce(AdmittedEnvelope envelope, CommitOutcome one, CommitOutcome other)
    {
        if (one.Ruling?.Verdict == Verdict.Duplicate) (one, other) = (other, one);
        Logged(envelope, one);
        Assert.Equal((Verdict.Duplicate, one.Index), (other.Ruling?.Verdict, other.Index));
        Check(envelope, other);
    }

    public void LoggedOrHeld(AdmittedEnvelope envelope, CommitOutcome outcome)
    {
        if (outcome.Ruling?.Verdict == Verdict.Held) Held++;
        else Logged(envelope, outcome);
    }

    /// <returns>True when the first is the one that was logged.</returns>
    public bool OneOfTwo(AdmittedEnvelope mine, CommitOutcome one, AdmittedEnvelope yours, CommitOutcome other)
    {
        var isFirst = one.IsLogged;
        Logged(isFirst ? mine : yours, isFirst ? one : other);
        Assert.Equal(Verdict.Equivocation, (isFirst ? other : one).Ruling?.Verdict);
        Evidence++;
        return isFirst;
    }

    /// <summary>
    /// The ledger's tree has had each root that a receipt was made at: they are of one tree, and each receipt's entry is in it.
    /// </summary>
    public async Task VerifyRootsAsync(ILedgerStore store, string negotiation, long size, CancellationToken cancellationToken)
    {
        var ledger = await LedgerAtHead.ReadAsync(store, negotiation, cancellationToken);
        var range = new CompactRange();
        var verified = 0;
        for (long tile = 0; range.Size < size; tile++)
        {
            var hashes = await ledger.FindAsync($"{negotiation}/{TileId.Of(0, tile, size).Path}", cancellationToken);
            Assert.NotNull(hashes);
            for (var at = 0; at < hashes.Value.Length; at += Digest.Size)
            {
                range.Append(new Digest(hashes.Value.Span.Slice(at, Digest.Size)));
                if (!_roots.TryGetValue(range.Size, out var root)) continue;
                Assert.Equal(root, range.Root());
                verified++;
            }
        }

        Assert.Equal(_roots.Count, verified);
    }

    public void Dispose() => _receipts.Dispose();

    private void Check(AdmittedEnvelope envelope, CommitOutcome outcome)
    {
        Assert.True(Receipt.TryParse(outcome.Receipt, out var receipt, out _, out var error), error);
        var fault = _receipts.Check(receipt, envelope.Envelope.Head, TimeProvider.System.GetUtcNow(), out var detail);
        Assert.True(fault == ReceiptFault.None, $"{envelope.Envelope.Id}: {fault}: {detail}");
        Assert.Equal(outcome.Index, receipt.Proof.Index);
        if (!_roots.TryAdd(receipt.Checkpoint.Size, receipt.Checkpoint.Root))
        {
            Assert.Equal(_roots[receipt.Checkpoint.Size], receipt.Checkpoint.Root);
        }
    }
}
