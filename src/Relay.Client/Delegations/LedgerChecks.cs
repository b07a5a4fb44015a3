using System.Collections.Frozen;
using System.Collections.Immutable;
using Relay.Client.Ledger;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Client.Delegations;

/// <summary>
/// What a recipient needs to check receipts: whom it trusts, what it has seen, where it may ask. Safe for concurrent use.
/// </summary>
public sealed class LedgerChecks
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _linkEvery;
    private readonly FrozenDictionary<Digest, NegotiationDocument> _documents;

    // UTC ticks of the last time a proof was asked for.
    private long _askedAt = long.MinValue;

    /// <summary>Checks receipts of one negotiation.</summary>
    /// <param name="trust">Verifies what the relay signs.</param>
    /// <param name="view">The checkpoints seen so far.</param>
    /// <param name="log">Where consistency proofs and receipts are asked for; null
    /// when the relay's log is out of reach, and then an audit has to do it.</param>
    /// <param name="documents">The negotiation document of now and any before it whose entries may still arrive.</param>
    /// <param name="linkEvery">Least time between two questions for a proof; zero asks for every new checkpoint.</param>
    /// <param name="time">The clock.</param>
    public LedgerChecks(
        LedgerTrust trust,
        LedgerView view,
        ILedgerLog? log,
        IEnumerable<NegotiationDocument> documents,
        TimeSpan linkEvery,
        TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(trust);
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(linkEvery, TimeSpan.Zero);
        Trust = trust;
        View = view;
        Log = log;
        _linkEvery = linkEvery;
        _time = time;
        _documents = documents.DistinctBy(document => document.PolicyDigest).ToFrozenDictionary(document => document.PolicyDigest);
    }

    /// <summary>Verifies what the relay signs.</summary>
    public LedgerTrust Trust { get; }

    /// <summary>The checkpoints seen so far.</summary>
    public LedgerView View { get; }

    /// <summary>The relay's log; null when it is out of reach.</summary>
    public ILedgerLog? Log { get; }

    /// <summary>The document of this policy digest; null when it is not known.</summary>
    public NegotiationDocument? FindDocument(Digest policy) => _documents.GetValueOrDefault(policy);

    /// <summary>Takes a verified checkpoint, and links it to those before when the log is in reach and it is time to.</summary>
    /// <returns>Null when it fits as far as could be told; else what is wrong.</returns>
    public async ValueTask<(InboxFault Fault, string Detail, LedgerContradiction? Contradiction)?> TakeAsync(
        SignedCheckpoint signed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signed);
        if (View.Observe(signed, out var contradiction) == CheckpointFit.Contradicts)
        {
            return (
                InboxFault.LedgerForked, $"expected one tree of size {signed.Checkpoint.Size}, the relay has signed two", contradiction);
        }
        if (Log is null || View.IsLinked(signed.Checkpoint) || View.Anchor is not { } anchor || !IsTimeToAsk()) return null;
        var (from, to) = (
            Math.Min(anchor.Checkpoint.Size, signed.Checkpoint.Size), Math.Max(anchor.Checkpoint.Size, signed.Checkpoint.Size));
        if (await AskAsync(Log, from, to, cancellationToken).ConfigureAwait(false) is not { } proof) return null;
        return View.TryLink(anchor.Checkpoint, signed.Checkpoint, proof)
            ? null
            : (
                InboxFault.LedgerNotConsistent,
                $"expected a proof that the tree of size {to} extends the one of size {from}, got one that does not hold",
                null);
    }

    // A log that is out of reach proves nothing either way; the checkpoint stays unlinked until the next question or an audit.
    private static async ValueTask<ImmutableArray<Digest>?> AskAsync(
        ILedgerLog log, long from, long to, CancellationToken cancellationToken)
    {
        try
        {
            return await log.FindConsistencyAsync(from, to, cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerLogException)
        {
            return null;
        }
    }

    private bool IsTimeToAsk()
    {
        var now = _time.GetUtcNow().UtcTicks;
        var asked = Interlocked.Read(ref _askedAt);
        return (asked == long.MinValue || now - asked >= _linkEvery.Ticks)
            && Interlocked.CompareExchange(ref _askedAt, now, asked) == asked;
    }
}
