using System.Diagnostics.CodeAnalysis;

namespace Relay.Protocol.Ledger;

/// <summary>
/// What the relay gives for an acknowledgement, in the form of <see cref="Receipt"/>. With the negotiation document it shows anyone that
/// a delegation has said what became of an envelope, and that the relay has that in its ledger. Immutable.
/// </summary>
public sealed class AcknowledgementReceipt : EntryReceipt
{
    private AcknowledgementReceipt(ReceiptParts parts)
        : base(parts)
    {
    }

    /// <summary>The entry.</summary>
    public required AcknowledgementEntry Entry { get; init; }

    /// <inheritdoc/>
    public override LedgerEntry Logged => Entry;

    /// <summary>Reads a receipt. Never throws on bad input.</summary>
    /// <param name="bytes">The whole text; kept, so it must not change afterwards.</param>
    /// <param name="receipt">Null when false.</param>
    /// <param name="fault">Why not; <see cref="ReceiptFault.None"/> when true.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out AcknowledgementReceipt? receipt, out ReceiptFault fault, out string error)
    {
        receipt = ReceiptParts.TryRead<AcknowledgementEntry>(
            bytes, "an acknowledgement", out var parts, out var entry, out fault, out error)
            ? new AcknowledgementReceipt(parts) { Entry = entry }
            : null;
        return receipt is not null;
    }
}
