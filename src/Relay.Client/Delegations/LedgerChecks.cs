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
    // Proofs asked for on one arrival; a few more than checkpoints come in, so that those that wait grow fewer.
    private const int MostAtOnce = 8;

    // As many as that wait for the pace that is kept for quiet times; past it every arrival asks.
    private const int ManyUnlinked = 16;

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

    /// <summary>
    /// Takes a verified checkpoint, and links it and those that wait to the ones before when the log is in reach and it is time to.
    /// </summary>
    /// <returns>How it fits, as far as could be told.</returns>
    public async ValueTask<LedgerFit> TakeAsync(SignedCheckpoint signed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signed);
        var fit = View.Observe(signed, out var contradiction);
        string? earlier = null;
        if (fit == CheckpointFit.NoRoom && Log is not null)
        {
            earlier = await LinkAsync(Log, signed, cancellationToken).ConfigureAwait(false);
            fit = View.Observe(signed, out contradiction);
        }
        switch (fit)
        {
            case CheckpointFit.Contradicts:
                var detail = $"expected one tree of size {signed.Checkpoint.Size}, the relay has signed two";
                return new LedgerFit(InboxFault.LedgerForked, detail, contradiction, earlier);
            case CheckpointFit.NoRoom:
                return new LedgerFit(InboxFault.LedgerNotLinked, NotLinked, null, earlier);
            case CheckpointFit.New or CheckpointFit.Known:
                break;
        }
        if (Log is not null && !View.IsLinked(signed.Checkpoint) && IsTimeToLink())
        {
            earlier ??= await LinkAsync(Log, signed, cancellationToken).ConfigureAwait(false);
        }
        return View.IsRefuted(signed.Checkpoint)
            ? new LedgerFit(InboxFault.LedgerNotConsistent, Refuted(signed), null, earlier)
            : new LedgerFit(InboxFault.None, "", null, earlier);
    }

    // What has just come first, then the oldest that wait; says of those found not to fit.
    private async ValueTask<string?> LinkAsync(ILedgerLog log, SignedCheckpoint newest, CancellationToken cancellationToken)
    {
        string? refuted = null;
        foreach (var waiting in View.Unlinked.OrderBy(waiting => waiting.Checkpoint != newest.Checkpoint).Take(MostAtOnce))
        {
            if (View.Anchor is not { } anchor) break;
            var (size, other) = (anchor.Checkpoint.Size, waiting.Checkpoint.Size);
            var proof = await AskAsync(log, Math.Min(size, other), Math.Max(size, other), cancellationToken).ConfigureAwait(false);
            if (proof is null) break;
            if (View.TryLink(anchor.Checkpoint, waiting.Checkpoint, proof.Value) || waiting.Checkpoint == newest.Checkpoint) continue;
            refuted ??= Refuted(waiting);
        }
        return refuted;
    }

    private static string NotLinked =>
        $"expected the relay's log to prove that the {LedgerView.MaxUnlinked} checkpoints it has signed since are of one tree, it has not";

    private static string Refuted(SignedCheckpoint signed) =>
        $"expected a proof that the tree of size {signed.Checkpoint.Size} and root {signed.Checkpoint.Root} is of one ledger with what the "
            + "relay has shown before, got one that does not hold";

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

    // Seldom when few wait, always when many do.
    private bool IsTimeToLink()
    {
        if (View.Unlinked.Length > ManyUnlinked) return true;
        var now = _time.GetUtcNow().UtcTicks;
        var asked = Interlocked.Read(ref _askedAt);
        return (asked == long.MinValue || now - asked >= _linkEvery.Ticks)
            && Interlocked.CompareExchange(ref _askedAt, now, asked) == asked;
    }
}
