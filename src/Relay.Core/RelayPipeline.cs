using System.Diagnostics;
using Relay.Core.Admission;
using Relay.Core.Diagnostics;
using Relay.Core.Directory;
using Relay.Core.Early;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Reading;
using Relay.Core.Modes;
using Relay.Core.Pending;
using Relay.Core.Reading;
using Relay.Core.Rulings;
using Relay.Core.Verification;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;

namespace Relay.Core;

/// <summary>The steps an envelope goes through: read, look up, verify, admit, commit, forward. Safe for concurrent use.</summary>
/// <remarks>
/// Every step returns a ruling that ends the way or null to go on. What the relay promises begins after the examination, with the
/// commit: from then on the envelope is in the ledger for good, and it is forwarded
/// until every addressee's topic has it. That it is forwarded is committed
/// too before the ruling is given, so a message whose envelope is not known to be forwarded is never completed.
/// </remarks>
public sealed class RelayPipeline
{
    private readonly ReadingRules _reader;
    private readonly NegotiationDirectory _directory;
    private readonly SignatureVerifier _verifier;
    private readonly NegotiationLedgers _ledgers;
    private readonly ReceiptWaiters _waiters;
    private readonly EarlyEnvelopes _early;
    private readonly PendingEnvelopes _pending;
    private readonly EnvelopeForwarding _forwarding;
    private readonly NegotiationModes _modes;
    private readonly TimeProvider _time;
    private readonly ServiceClock _clock;

    internal RelayPipeline(
        ReadingRules reader,
        NegotiationDirectory directory,
        SignatureVerifier verifier,
        NegotiationLedgers ledgers,
        ReceiptWaiters waiters,
        EarlyEnvelopes early,
        PendingEnvelopes pending,
        EnvelopeForwarding forwarding,
        NegotiationModes modes,
        TimeProvider time,
        ServiceClock clock)
    {
        _reader = reader;
        _directory = directory;
        _verifier = verifier;
        _ledgers = ledgers;
        _waiters = waiters;
        _early = early;
        _pending = pending;
        _forwarding = forwarding;
        _modes = modes;
        _time = time;
        _clock = clock;
    }

    /// <summary>Takes an envelope all the way.</summary>
    /// <param name="wire">The bytes as they came; must stay unchanged until the call returns.</param>
    /// <param name="traceParent">W3C trace parent to hand on; null for none.</param>
    /// <param name="within">Time it may take, more than zero; past it the verdict is <see cref="Verdict.Unfinished"/>.</param>
    /// <param name="gathering">The envelopes it came with; null when it came alone.</param>
    /// <param name="cancellationToken">Ends the call; ledger and topics may then have the envelope or not.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> is cancelled.</exception>
    public async ValueTask<Ruling> RelayAsync(
        ReadOnlyMemory<byte> wire, string? traceParent, TimeSpan within, CommitGathering? gathering, CancellationToken cancellationToken)
    {
        if (_reader.Read(wire, out var envelope) is { } unreadable) return unreadable;
        using var limit = new CancellationTokenSource(within, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await RelayAsync(envelope!, traceParent, gathering, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var description = $"expected every step to be done within {within}, got one that was not";
            return new Ruling(Verdict.Unfinished, ReasonCodes.Unfinished, description).About(envelope!.Head);
        }
    }

    /// <summary>Reads, looks up, verifies and admits, without any effect outside this process.</summary>
    /// <param name="wire">The bytes as they came; kept by the result, so they must not change while it is used.</param>
    /// <param name="share">On whose behalf the negotiation is looked up.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<Examination> ExamineAsync(ReadOnlyMemory<byte> wire, DirectoryShare share, CancellationToken cancellationToken)
    {
        if (_reader.Read(wire, out var envelope) is { } unreadable) return new Examination(unreadable);
        var examination = await ExamineAsync(envelope!, share, cancellationToken).ConfigureAwait(false);
        if (!examination.IsAdmitted) return examination;
        // Of what is on the queue the decision says it, exactly; whoever submits is told before.
        var notNow = await _modes.CheckAsync(envelope!.Id.Negotiation, cancellationToken).ConfigureAwait(false);
        return notNow is null ? examination : Stop(notNow, envelope);
    }

    private async ValueTask<Ruling> RelayAsync(
        Envelope envelope, string? traceParent, CommitGathering? gathering, CancellationToken cancellationToken)
    {
        var examination = await ExamineAsync(envelope, DirectoryShare.Queue, cancellationToken).ConfigureAwait(false);
        if (examination.Below is { } below)
        {
            return await AssembleAsync(below, traceParent, gathering, cancellationToken).ConfigureAwait(false);
        }

        return examination.IsAdmitted
            ? await GoOnAsync(examination.Admitted, traceParent, gathering, cancellationToken).ConfigureAwait(false)
            : examination.Ruling;
    }

    /// <summary>
    /// Keeps a copy that was stopped below quorum though some of its signatures count, as the queue's function does: for those who hand
    /// one over by another way.
    /// </summary>
    /// <param name="examination">What stopped it.</param>
    /// <param name="cancellationToken">Ends the call; the copy's signatures may then be kept or not.</param>
    /// <returns>
    /// Null for what was stopped for another reason, or could not go on with a quorum either: the examination's ruling stands.
    /// </returns>
    public async ValueTask<KeptCopy?> KeepAsync(Examination examination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(examination);
        if (examination.Below is not { } below) return null;
        var notNow = CheckNow(below.Copy.Head, below.Document);
        if (notNow is { Verdict: not Verdict.Embargoed }) return null;
        var outcome = await MergeAsync(below, cancellationToken).ConfigureAwait(false);
        return new KeptCopy(outcome.Whole?.Wire, outcome.Ruling?.About(below.Copy.Head), notNow?.Until);
    }

    private ValueTask<PendingOutcome> MergeAsync(Examination.BelowQuorum below, CancellationToken cancellationToken) =>
        _pending.MergeAsync(below.Copy, below.Document, below.Quorum, cancellationToken);

    // A copy below quorum: whole with what other copies brought, or kept for those to come.
    private async ValueTask<Ruling> AssembleAsync(
        Examination.BelowQuorum below,
        string? traceParent,
        CommitGathering? gathering,
        CancellationToken cancellationToken)
    {
        var outcome = await MergeAsync(below, cancellationToken).ConfigureAwait(false);
        if (outcome.Whole is not { } envelope) return outcome.Ruling!.About(below.Copy.Head);
        var ruling = CheckNow(envelope.Head, below.Document) is { } notNow
            ? notNow.About(envelope.Head)
            : await GoOnAsync(
                new AdmittedEnvelope(envelope, below.Document, outcome.Quorum!),
                traceParent,
                gathering,
                cancellationToken).ConfigureAwait(false);
        // While its message comes again it is needed: that has this copy's signatures alone.
        if (VerdictTable.For(ruling.Verdict).Settlement is SettlementAction.Complete or SettlementAction.DeadLetter)
        {
            await _pending.ForgetAsync(envelope, cancellationToken).ConfigureAwait(false);
        }

        return ruling;
    }

    private async ValueTask<Ruling> GoOnAsync(
        AdmittedEnvelope admitted, string? traceParent, CommitGathering? gathering, CancellationToken cancellationToken)
    {
        var envelope = admitted.Envelope;
        var outcome = await CommitAsync(admitted, gathering, cancellationToken).ConfigureAwait(false);
        if (!outcome.Receipt.IsEmpty) _waiters.Tell(envelope.Id, outcome.Receipt);
        if (outcome.IsEntry) _early.Logged(envelope.Id);
        if (!outcome.Forward) return _early.Keep(outcome.Ruling!, envelope.Wire, traceParent);
        var logged = new LoggedEnvelope(envelope.Head, envelope.Wire, envelope.Sealed.Content.Length, outcome.Index, outcome.Receipt);
        var ruling = await ForwardAsync(logged, admitted.Document, traceParent, cancellationToken).ConfigureAwait(false);
        if (ruling.Verdict == Verdict.Forwarded) _ledgers.MarkForwarded(envelope.Id.Negotiation, outcome.Index);
        return ruling.About(envelope.Head);
    }

    private async ValueTask<CommitOutcome> CommitAsync(
        AdmittedEnvelope admitted, CommitGathering? gathering, CancellationToken cancellationToken)
    {
        using var step = RelayTelemetry.StartStep("commit envelope", ActivityKind.Internal);
        return await _ledgers.CommitAsync(admitted, gathering, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Ruling> ForwardAsync(
        LoggedEnvelope envelope, NegotiationDocument document, string? traceParent, CancellationToken cancellationToken)
    {
        using var step = RelayTelemetry.StartStep("forward envelope", ActivityKind.Producer);
        var handedOn = step is null ? traceParent : TraceParent.Current(traceParent);
        return await _forwarding.ForwardAsync(envelope, document, handedOn, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<Examination> ExamineAsync(Envelope envelope, DirectoryShare share, CancellationToken cancellationToken)
    {
        var negotiation = envelope.Id.Negotiation;
        var entry = await _directory.FindAsync(negotiation, share, cancellationToken).ConfigureAwait(false);
        if (entry?.Document is not { } document) return Stop(NoDocument(negotiation, entry), envelope);
        if (MembershipRules.Check(envelope.Head, document) is { } notAllowed) return Stop(notAllowed, envelope);

        var quorum = await _verifier.VerifyAsync(envelope, document, cancellationToken).ConfigureAwait(false);
        if (QuorumRules.Check(quorum) is { } unproved) return Stop(unproved, envelope, document, quorum);
        if (CheckNow(envelope.Head, document) is { } notNow) return Stop(notNow, envelope);
        return new Examination(new AdmittedEnvelope(envelope, document, quorum));
    }

    // Of one that is too new for this machine's clock alone, which is behind the services', nothing can be said before that is set.
    private Ruling? CheckNow(EnvelopeHead head, NegotiationDocument document)
    {
        var now = _clock.Now;
        var ruling = AdmissionRules.Check(head, document, now);
        if (ruling is not { Verdict: Verdict.NotYetIssued }) return ruling;
        if (_clock.AheadAt(now) is not { } ahead || ahead >= TimeSpan.Zero) return ruling;
        return AdmissionRules.Check(head, document, now - ahead) is { Verdict: Verdict.NotYetIssued }
            ? ruling
            : new Ruling(Verdict.LedgerUnavailable, ReasonCodes.LedgerUnavailable, ServiceClock.Objection(ahead));
    }

    private static Ruling NoDocument(string negotiation, NegotiationEntry? entry) => entry switch
    {
        null => new(
            Verdict.DirectoryUnavailable,
            ReasonCodes.DirectoryUnavailable,
            $"expected the directory's document of '{negotiation}', it cannot be read now"),
        // The problem itself goes to the operator's log; who sent the envelope need not learn what the document says.
        { Problem: not null } => new(
            Verdict.DirectoryUnavailable,
            ReasonCodes.DirectoryInvalid,
            $"expected a valid directory document of '{negotiation}', got one that does not validate"),
        _ => new(
            Verdict.UnknownNegotiation, ReasonCodes.UnknownNegotiation, $"expected a negotiation of the directory, got '{negotiation}'"),
    };

    private static Examination Stop(Ruling ruling, Envelope envelope) => new(ruling.About(envelope.Head));

    private static Examination Stop(Ruling ruling, Envelope envelope, NegotiationDocument document, QuorumResult quorum) =>
        new(ruling.About(envelope.Head)) { Below = PendingRulings.MayWait(ruling, quorum) ? new(envelope, document, quorum) : null };
}
