using Relay.Client.Keys;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;

namespace Relay.Client.Delegations;

/// <summary>
/// Checks a received envelope the way a delegation should, trusting the relay for nothing: membership, mediators' quorum, encryption, the sender's
/// own signature, the stream. No bus inside. Safe for concurrent use.
/// </summary>
public sealed class EnvelopeInspector
{
    private readonly NegotiationDocument _document;
    private readonly string _delegation;
    private readonly IReadOnlyCollection<PrivateJwk> _recipientKeys;
    private readonly IMediatorKeys _mediatorKeys;
    private readonly StreamTracker _streams;
    private readonly TimeProvider _time;

    /// <summary>Inspects for one delegation of one negotiation.</summary>
    /// <param name="document">The negotiation, from a source the delegation trusts.</param>
    /// <param name="delegation">The delegation that receives.</param>
    /// <param name="recipientKeys">Its private keys; the caller owns them.</param>
    /// <param name="mediatorKeys">Where mediators' public keys come from.</param>
    /// <param name="streams">What has been received so far.</param>
    /// <param name="time">The clock.</param>
    public EnvelopeInspector(
        NegotiationDocument document,
        string delegation,
        IReadOnlyCollection<PrivateJwk> recipientKeys,
        IMediatorKeys mediatorKeys,
        StreamTracker streams,
        TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(delegation);
        ArgumentNullException.ThrowIfNull(recipientKeys);
        ArgumentNullException.ThrowIfNull(mediatorKeys);
        ArgumentNullException.ThrowIfNull(streams);
        ArgumentNullException.ThrowIfNull(time);
        if (!document.Delegations.ContainsKey(delegation)) throw new ArgumentException($"Expected a delegation of {document.Negotiation}, got '{delegation}'.", nameof(delegation));
        _document = document;
        _delegation = delegation;
        _recipientKeys = recipientKeys;
        _mediatorKeys = mediatorKeys;
        _streams = streams;
        _time = time;
    }

    /// <summary>The delegation's topic.</summary>
    public string Topic => _document.Delegations[_delegation].Topic;

    /// <summary>Runs every check in order and stops at the first that fails. Bad input is a fault, never an exception.</summary>
    public async ValueTask<InboxResult> InspectAsync(ReadOnlyMemory<byte> wire, CancellationToken cancellationToken)
    {
        if (!Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out var fault, out var detail))
        {
            return new InboxResult { Fault = InboxFault.NotAnEnvelope, Detail = $"{fault}: {detail}" };
        }
        if (CheckMembership(envelope) is { } refused) return refused;
        var quorum = await VerifyAsync(envelope, cancellationToken).ConfigureAwait(false);
        if (!quorum.Reached) return Failed(envelope, Shortfall(quorum), quorum.Explain(), quorum);
        var sender = _document.Delegations[envelope.Id.Sender];
        if (!ContentOpener.TryOpen(envelope.Payload, _recipientKeys, sender.IdentityKeys, out var statement, out var sealing, out detail))
        {
            return Failed(envelope, InboxFault.NotOpened, $"{sealing}: {detail}", quorum) with { SealingFault = sealing };
        }
        return Judge(envelope, quorum, statement, _streams.Observe(envelope.Payload));
    }

    private static InboxResult Judge(Envelope envelope, QuorumResult quorum, Statement statement, StreamContinuity continuity) => continuity switch
    {
        StreamContinuity.InOrder or StreamContinuity.Gap =>
            new InboxResult { Fault = InboxFault.None, Detail = "", Envelope = envelope, Quorum = quorum, Continuity = continuity, Statement = statement },
        StreamContinuity.Duplicate =>
            Failed(envelope, InboxFault.Duplicate, $"expected a new envelope, got {envelope.Id} again", quorum) with { Continuity = continuity },
        StreamContinuity.Equivocation =>
            Failed(envelope, InboxFault.Equivocation, $"expected one envelope {envelope.Id}, got a second with another digest", quorum) with { Continuity = continuity },
        StreamContinuity.BrokenChain =>
            Failed(envelope, InboxFault.BrokenChain, $"expected {envelope.Id} to continue its neighbours in the stream, its or their 'prev' says otherwise", quorum) with { Continuity = continuity },
    };

    private static InboxResult Failed(Envelope envelope, InboxFault fault, string detail, QuorumResult? quorum = null) =>
        new() { Fault = fault, Detail = detail, Envelope = envelope, Quorum = quorum };

    private InboxResult? CheckMembership(Envelope envelope)
    {
        var id = envelope.Id;
        if (id.Negotiation != _document.Negotiation) return Failed(envelope, InboxFault.OtherNegotiation, $"expected negotiation {_document.Negotiation}, got {id.Negotiation}");
        if (!envelope.Payload.Audience.Contains(_delegation)) return Failed(envelope, InboxFault.NotAddressed, $"expected {_delegation} among the addressees, got {string.Join(", ", envelope.Payload.Audience)}");
        if (!_document.MayAddress(id.Sender, _delegation)) return Failed(envelope, InboxFault.SenderNotAllowed, $"expected a sender that may address {_delegation}, got {id.Sender}");
        if (envelope.Payload.ExpiresAt <= _time.GetUtcNow()) return Failed(envelope, InboxFault.Expired, $"expected an envelope that has not expired, this one did at {envelope.Payload.ExpiresAt:u}");
        return null;
    }

    private async ValueTask<QuorumResult> VerifyAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        var findings = new SignatureFinding[envelope.Signatures.Length];
        for (var i = 0; i < findings.Length; i++)
        {
            findings[i] = await VerifyAsync(envelope.Signatures[i], cancellationToken).ConfigureAwait(false);
        }
        return _document.Quorum.Evaluate(findings);
    }

    private async ValueTask<SignatureFinding> VerifyAsync(EnvelopeSignature signature, CancellationToken cancellationToken)
    {
        // The document is asked first: a key id from a peer never decides which vault is called.
        if (!_document.TryFindMediator(signature.Key, out var mediator)) return new(signature.Key.Text, null, SignatureOutcome.UnknownMediator);
        var found = await _mediatorKeys.FindAsync(signature.Key, cancellationToken).ConfigureAwait(false);
        var outcome = found.Key is null ? found.Outcome : signature.Verify(found.Key) switch
        {
            SignatureFault.None => found.Outcome,
            SignatureFault.AlgorithmMismatch => SignatureOutcome.AlgorithmMismatch,
            SignatureFault.WrongLength or SignatureFault.Invalid => SignatureOutcome.BadSignature,
        };
        return new(signature.Key.Text, mediator.Name, outcome);
    }

    // Transient only when the keys that could not be read would have sufficed.
    private InboxFault Shortfall(QuorumResult quorum)
    {
        var unread = quorum.Rows
            .Where(row => row.Finding.Outcome == SignatureOutcome.KeyUnavailable && !quorum.Counted.Contains(row.Finding.Mediator!))
            .Select(row => row.Finding.Mediator!)
            .Distinct(StringComparer.Ordinal)
            .Sum(name => _document.Mediators[name].Weight);
        return quorum.Weight + unread >= quorum.Required ? InboxFault.KeyUnavailable : InboxFault.QuorumNotMet;
    }
}
