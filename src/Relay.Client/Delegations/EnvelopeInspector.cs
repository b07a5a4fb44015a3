using Relay.Client.Keys;
using Relay.Client.Ledger;
using Relay.Client.Prekeys;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;

namespace Relay.Client.Delegations;

/// <summary>
/// Checks a received envelope the way a delegation should, trusting the relay for
/// nothing: membership, receipt, mediators' quorum, the stream, encryption, the sender's
/// own signature. No bus inside. Safe for concurrent use.
/// </summary>
public sealed class EnvelopeInspector
{
    private readonly NegotiationDocument _document;
    private readonly string _delegation;
    private readonly IReadOnlyCollection<PrivateJwk> _recipientKeys;
    private readonly QuorumVerifier _quorum;
    private readonly StreamTracker _streams;
    private readonly LedgerChecks? _ledger;
    private readonly TimeProvider _time;
    private readonly PrekeyStore? _prekeys;

    /// <summary>Inspects for one delegation of one negotiation.</summary>
    /// <param name="document">The negotiation, from a source the delegation trusts.</param>
    /// <param name="delegation">The delegation that receives.</param>
    /// <param name="recipientKeys">Its private keys, P-256 or hybrid; the caller owns them.</param>
    /// <param name="mediatorKeys">Where mediators' public keys come from.</param>
    /// <param name="streams">What has been received so far.</param>
    /// <param name="ledger">How receipts are checked; null takes envelopes without, from a relay that keeps no ledger.</param>
    /// <param name="time">The clock.</param>
    /// <param name="prekeys">Its private prekeys; the caller owns the store. Null when it has none.</param>
    public EnvelopeInspector(
        NegotiationDocument document,
        string delegation,
        IReadOnlyCollection<PrivateJwk> recipientKeys,
        IMediatorKeys mediatorKeys,
        StreamTracker streams,
        LedgerChecks? ledger,
        TimeProvider time,
        PrekeyStore? prekeys = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(delegation);
        ArgumentNullException.ThrowIfNull(recipientKeys);
        ArgumentNullException.ThrowIfNull(mediatorKeys);
        ArgumentNullException.ThrowIfNull(streams);
        ArgumentNullException.ThrowIfNull(time);
        if (!document.Delegations.ContainsKey(delegation))
        {
            throw new ArgumentException($"Expected a delegation of {document.Negotiation}, got '{delegation}'.", nameof(delegation));
        }
        _document = document;
        _delegation = delegation;
        _recipientKeys = recipientKeys;
        _quorum = new QuorumVerifier(mediatorKeys);
        _streams = streams;
        _ledger = ledger;
        _time = time;
        _prekeys = prekeys;
    }

    /// <summary>The delegation's topic.</summary>
    public string Topic => _document.Delegations[_delegation].Topic;

    internal LedgerChecks? Ledger => _ledger;

    internal StreamTracker Streams => _streams;

    internal string Delegation => _delegation;

    /// <summary>What was said is safe with the caller: the one-time key that opened it opens nothing more, and goes.</summary>
    internal void DeleteUsedKeys(Envelope envelope) => _prekeys?.DeleteUsed(ContentOpener.ReadKeyIds(envelope.Sealed));

    /// <summary>Checks an envelope that came without a receipt.</summary>
    public ValueTask<InboxResult> InspectAsync(ReadOnlyMemory<byte> wire, CancellationToken cancellationToken) =>
        InspectAsync(wire, null, cancellationToken);

    /// <summary>Runs every check in order and stops at the first that fails. Bad input is a fault, never an exception.</summary>
    /// <param name="wire">The envelope.</param>
    /// <param name="receipt">Text of its receipt; null when none came.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <remarks>
    /// Everything but the statement is checked before anything is decrypted: with
    /// one-time keys, opening is final. What has passed is remembered as received; who
    /// gives the message back forgets it again.
    /// </remarks>
    public async ValueTask<InboxResult> InspectAsync(ReadOnlyMemory<byte> wire, string? receipt, CancellationToken cancellationToken)
    {
        if (!Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out var fault, out var detail))
        {
            return new InboxResult { Fault = InboxFault.NotAnEnvelope, Detail = $"{fault}: {detail}" };
        }
        if (CheckMembership(envelope) is { } refused) return refused;
        var result = await CheckReceiptAsync(envelope, receipt, cancellationToken).ConfigureAwait(false);
        if (result.Fault != InboxFault.None) return result;
        var document = _document;
        if (result.Receipt is not null)
        {
            if (_ledger!.FindDocument(result.Receipt.Entry.Policy) is not { } known)
            {
                return result with
                {
                    Fault = InboxFault.UnknownPolicy,
                    Detail =
                        $"expected a negotiation document known here, the ledger has {envelope.Id} under one with digest "
                            + $"{result.Receipt.Entry.Policy}",
                };
            }
            document = known;
        }
        var quorum = await _quorum.VerifyAsync(envelope.Signatures, document, null, cancellationToken).ConfigureAwait(false);
        result = result with { Quorum = quorum };
        if (!quorum.Reached)
        {
            // Transient only when the keys that could not be read would have sufficed.
            var missed = quorum.IsMissedFor(SignatureOutcome.KeyUnavailable) ? InboxFault.KeyUnavailable : InboxFault.QuorumNotMet;
            return result with { Fault = missed, Detail = quorum.Explain() };
        }
        // Without a receipt nobody but the sender's own signature says that the
        // envelope is part of its stream, so the stream is judged after it.
        if (result.Receipt is not null && Observe(ref result, envelope, receipt!)) return result;
        // Settled before, and its key is gone: with a receipt the stream has told so already.
        if (result.Receipt is null && _streams.IsSettled(envelope.Head))
        {
            return result with { Fault = InboxFault.Duplicate, Detail = $"expected a new envelope, got {envelope.Id} again" };
        }
        var sender = document.Delegations[envelope.Id.Sender];
        var prekeys = _prekeys is null ? [] : ContentOpener.ReadKeyIds(envelope.Sealed).Select(_prekeys.Find).OfType<PrivateJwk>().ToList();
        try
        {
            return Open(result, envelope, sender.IdentityKeys, prekeys);
        }
        finally
        {
            prekeys.ForEach(key => key.Dispose());
        }
    }

    private InboxResult Open(
        InboxResult result, Envelope envelope, IReadOnlyCollection<IdentityKey> senderKeys, List<PrivateJwk> prekeys)
    {
        var hpke = HpkeKeyEncryption.Instance;
        if (!ContentOpener.TryOpen(
            envelope.Sealed, [.. prekeys, .. _recipientKeys], hpke, senderKeys, out var statement, out var sealing, out var detail))
        {
            // What could not be opened has not been received: should the right key be found, it may come again.
            _streams.Forget(envelope.Id);
            return result with
            {
                Fault = InboxFault.NotOpened,
                Detail = $"{sealing}: {detail}",
                SealingFault = sealing,
                Contradiction = IsTheSenders(sealing) ? WrongWrap(envelope, result.Receipt) : null,
            };
        }
        if (result.Receipt is null && Observe(ref result, envelope, "")) return result;
        var keyId = FindKeyId(envelope, prekeys);
        return result with { Statement = statement, KeyId = keyId, ReusableKey = ReusableKey(keyId, prekeys.Count > 0) };
    }

    // The addressee's own key of this content.
    private string FindKeyId(Envelope envelope, List<PrivateJwk> prekeys) => prekeys.Count > 0
        ? prekeys[0].KeyId
        : ContentOpener.ReadKeyIds(envelope.Sealed).First(id => _recipientKeys.Any(key => key.KeyId == id));

    // In the same words as the sender's; null for a one-time key.
    private ReusableKey? ReusableKey(string keyId, bool isPrekey)
    {
        if (!isPrekey) return new ReusableKey(keyId, null);
        return _prekeys!.FindReusable(keyId) is { } until ? new ReusableKey(keyId, until) : null;
    }

    // True when the envelope does not fit its stream; the result then says how.
    private bool Observe(ref InboxResult result, Envelope envelope, string receipt)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(receipt);
        var observed = _streams.Observe(envelope.Head, result.Receipt?.Proof.Index, bytes);
        var (fault, detail) = observed.Continuity switch
        {
            StreamContinuity.InOrder or StreamContinuity.Gap or StreamContinuity.Late => (InboxFault.None, ""),
            StreamContinuity.Duplicate => (InboxFault.Duplicate, $"expected a new envelope, got {envelope.Id} again"),
            StreamContinuity.Equivocation => (
                InboxFault.Equivocation, $"expected one envelope {envelope.Id}, got a second with another digest"),
            StreamContinuity.BrokenChain => (
                InboxFault.BrokenChain,
                $"expected {envelope.Id} to continue its neighbours in the stream, its or their 'prev' says otherwise"),
            StreamContinuity.LoggedTwice => (
                InboxFault.LoggedTwice, $"expected {envelope.Id} once in the ledger, got a second receipt with another index"),
            StreamContinuity.OutOfOrder => (
                InboxFault.OutOfOrder,
                $"expected {envelope.Id} in the ledger after what came before it in its stream, and before what comes after"),
            StreamContinuity.TooOld => (
                InboxFault.TooOld, $"expected one of the newest {StreamTracker.MaxRemembered} envelopes of the stream, got {envelope.Id}"),
        };
        result = result with
        {
            Fault = fault,
            Detail = detail,
            Continuity = observed.Continuity,
            Contradiction = Contradiction(observed, result.Receipt),
        };
        return fault != InboxFault.None;
    }

    // What only who made the content can have done; what may be a key that is missing here is not.
    private static bool IsTheSenders(SealingFault fault) => fault switch
    {
        SealingFault.KeyUnwrapFailed or SealingFault.DecryptionFailed or SealingFault.WrongContentKey or SealingFault.BadPadding
            or SealingFault.BrokenCommitment => true,
        SealingFault.None or SealingFault.Malformed or SealingFault.UnsupportedAlgorithm or SealingFault.WrongEnvelope
            or SealingFault.NoMatchingKey or SealingFault.AlgorithmMismatch or SealingFault.BadEphemeralKey or SealingFault.BadStatement
            or SealingFault.StatementForOtherEnvelope or SealingFault.StatementForOtherAudience or SealingFault.UnknownSigner
            or SealingFault.BadStatementSignature => false,
    };

    private EvidenceFile? WrongWrap(Envelope envelope, Receipt? receipt) =>
        receipt is not null && ContentOpener.TryProve(envelope.Sealed, _recipientKeys, out var keyId, out var proof)
            ? EvidenceFile.Create(
                LieKind.WrongWrap, [EvidenceTree.Of(receipt)], wrap: new EvidenceWrap(envelope.Sealed.Content, keyId, proof))
            : null;

    private static EvidenceFile? Contradiction(StreamObservation observed, Receipt? receipt) =>
        receipt is not null && !observed.OtherReceipt.IsEmpty && Receipt.TryParse(observed.OtherReceipt, out var other, out _, out _)
            ? EvidenceFile.Of(other, receipt)
            : null;

    private static InboxResult Failed(Envelope envelope, InboxFault fault, string detail) =>
        new() { Fault = fault, Detail = detail, Envelope = envelope };

    private async ValueTask<InboxResult> CheckReceiptAsync(Envelope envelope, string? text, CancellationToken cancellationToken)
    {
        var result = new InboxResult { Fault = InboxFault.None, Detail = "", Envelope = envelope };
        if (_ledger is null) return result;
        if (text is null)
        {
            return result with { Fault = InboxFault.NoReceipt, Detail = "expected a receipt in property relay-receipt, got none" };
        }
        if (!Receipt.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var receipt, out var receiptFault, out var error))
        {
            return result with { Fault = InboxFault.BadReceipt, ReceiptFault = receiptFault, Detail = error };
        }
        result = result with { Receipt = receipt };
        var check = await _ledger.Trust.CheckAsync(receipt, envelope.Head, cancellationToken).ConfigureAwait(false);
        if (check.KeyUnavailable) return result with { Fault = InboxFault.KeyUnavailable, Detail = check.Detail };
        // The checkpoint is the relay's word whatever the entry says, so it
        // counts for the view even when the receipt is not of this envelope.
        if (check.Fault is ReceiptFault.None or >= ReceiptFault.NotIncluded)
        {
            var fit = await _ledger.TakeAsync(SignedCheckpoint.Of(receipt), cancellationToken).ConfigureAwait(false);
            result = result with { EarlierCheckpoint = fit.Earlier };
            if (fit.Fault != InboxFault.None)
            {
                return result with { Fault = fit.Fault, Detail = fit.Detail, Contradiction = fit.Contradiction };
            }
        }
        if (check.Fault != ReceiptFault.None)
        {
            return result with { Fault = InboxFault.BadReceipt, ReceiptFault = check.Fault, Detail = check.Detail };
        }
        if (envelope.Head.Seen is not { } seen || !_ledger.View.Contradicts(seen)) return result;
        return result with
        {
            Fault = InboxFault.ForkSeen,
            Detail = $"expected the root that this delegation was shown at size {seen.Size}, the sender was shown {seen.Root}",
        };
    }

    private InboxResult? CheckMembership(Envelope envelope)
    {
        var id = envelope.Id;
        if (id.Negotiation != _document.Negotiation)
        {
            return Failed(envelope, InboxFault.OtherNegotiation, $"expected negotiation {_document.Negotiation}, got {id.Negotiation}");
        }
        if (!envelope.Head.Audience.Contains(_delegation))
        {
            return Failed(
                envelope,
                InboxFault.NotAddressed,
                $"expected {_delegation} among the addressees, got {string.Join(", ", envelope.Head.Audience)}");
        }
        if (!_document.MayAddress(id.Sender, _delegation))
        {
            return Failed(envelope, InboxFault.SenderNotAllowed, $"expected a sender that may address {_delegation}, got {id.Sender}");
        }
        if (envelope.Head.ExpiresAt <= _time.GetUtcNow())
        {
            return Failed(
                envelope, InboxFault.Expired, $"expected an envelope that has not expired, this one did at {envelope.Head.ExpiresAt:u}");
        }
        return null;
    }
}
