using Relay.Protocol.Ledger;

namespace Relay.Client.Delegations;

/// <summary>What a delegation says of an envelope, and of which it says nothing. Pure.</summary>
/// <remarks>
/// A refusal is for good, and everybody who reads the ledger reads it. So it is said only of what is the envelope's own and lasts: the same
/// bytes will never be taken. What is the relay's doing (a receipt, a fork, an order) is for the audit, which proves it; the same
/// envelope may come again with a receipt that holds. And a refusal never says which step of opening failed: whoever crafts envelopes
/// must not learn how far one came.
/// </remarks>
internal static class AcknowledgementRules
{
    /// <summary>Null when nothing is to be said.</summary>
    public static AcknowledgementDraft? Draft(InboxResult result, DateTimeOffset now)
    {
        if (result.Envelope is not { } envelope) return null;
        return result.Fault switch
        {
            InboxFault.None => Say(null),
            InboxFault.SenderNotAllowed or InboxFault.QuorumNotMet or InboxFault.Expired or InboxFault.NotOpened =>
                Say(result.Fault.Code()),
            InboxFault.NotAnEnvelope or InboxFault.OtherNegotiation or InboxFault.NotAddressed => null,
            InboxFault.KeyUnavailable or InboxFault.LedgerNotLinked => null,
            InboxFault.NoReceipt or InboxFault.BadReceipt or InboxFault.LedgerForked or InboxFault.LedgerNotConsistent
                or InboxFault.ForkSeen or InboxFault.UnknownPolicy => null,
            // The first one was answered, or will be: of two under one id the ledger has one.
            InboxFault.Duplicate or InboxFault.Equivocation or InboxFault.BrokenChain or InboxFault.LoggedTwice
                or InboxFault.OutOfOrder or InboxFault.TooOld => null,
        };

        AcknowledgementDraft Say(string? reason) =>
            new() { Id = envelope.Id, Digest = envelope.Digest, Reason = reason, IssuedAt = now };
    }
}
