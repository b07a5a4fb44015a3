using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Evidence;
using Relay.Protocol.Ledger;
using Relay.Protocol.Quorum;
using Relay.Protocol.Sealing;

namespace Relay.Client.Delegations;

/// <summary>What <see cref="EnvelopeInspector"/> made of an envelope.</summary>
public sealed record InboxResult
{
    /// <summary><see cref="InboxFault.None"/> when <see cref="Statement"/> is what the sender said.</summary>
    public required InboxFault Fault { get; init; }

    /// <summary>What was expected and what came; empty without a fault.</summary>
    public required string Detail { get; init; }

    /// <summary>The envelope, when it could be read.</summary>
    public Envelope? Envelope { get; init; }

    /// <summary>Who vouched, when signatures were checked.</summary>
    public QuorumResult? Quorum { get; init; }

    /// <summary>Why it did not open, for <see cref="InboxFault.NotOpened"/>.</summary>
    public SealingFault SealingFault { get; init; }

    /// <summary>How it fits its stream, when it opened; <see cref="StreamContinuity.Gap"/> is not a fault.</summary>
    public StreamContinuity? Continuity { get; init; }

    /// <summary>Why its receipt does not hold, for <see cref="InboxFault.BadReceipt"/>.</summary>
    public ReceiptFault ReceiptFault { get; init; }

    /// <summary>Its receipt, when one was asked for and could be read; verified unless <see cref="ReceiptFault"/> says otherwise.</summary>
    public Receipt? Receipt { get; init; }

    /// <summary>
    /// Proof that the relay lied, or that the sender sealed what this addressee cannot open, when the fault is one and can be proved: a
    /// file that anyone judges offline. The latter opens this one content to whoever has the file.
    /// </summary>
    public EvidenceFile? Contradiction { get; init; }

    /// <summary>
    /// What was found, when this one came, of a checkpoint that an earlier one brought: the relay's log could not
    /// show that it fits. Not this envelope's fault, and never to be kept from the user; null when nothing was.
    /// </summary>
    public string? EarlierCheckpoint { get; init; }

    /// <summary>What was said; null with a fault.</summary>
    public Statement? Statement { get; init; }

    /// <summary>Name of the key that opened it; null with a fault.</summary>
    public string? KeyId { get; init; }

    /// <summary>
    /// The key that opened it, when it is one that opens other envelopes too: then this one can be opened again until the key is gone. Null
    /// with a one-time key, which is gone once this is settled, and with a fault.
    /// </summary>
    public ReusableKey? ReusableKey { get; init; }

    /// <summary>Stable code of the fault; of a receipt's fault its own, such as <c>receipt-not-included</c>.</summary>
    public string Code => Fault == InboxFault.BadReceipt ? ReceiptFault.Code() : Fault.Code();

    /// <summary>True when nothing is wrong with it, and it can be judged once a key can be read or the log answers.</summary>
    public bool IsNotNow => Fault is InboxFault.KeyUnavailable or InboxFault.LedgerNotLinked;

    /// <summary>What an audit compares with the ledger; null when it was refused, or came without a receipt.</summary>
    public ArrivalRecord? ToArrivalRecord() => this is { Fault: InboxFault.None, Envelope: { } envelope, Receipt: { } receipt }
        ? new ArrivalRecord(receipt.Proof.Index, envelope.Id, envelope.Digest, envelope.Head.Previous, envelope.Head.Seen)
        : null;
}
