using System.Diagnostics.CodeAnalysis;

namespace Relay.Protocol.Ledger;

/// <summary>What the relay gives for a bundle of prekeys, in the form of <see cref="Receipt"/>. Immutable.</summary>
public sealed class PrekeysReceipt : EntryReceipt
{
    private PrekeysReceipt(ReceiptParts parts)
        : base(parts)
    {
    }

    /// <summary>The entry.</summary>
    public required PrekeysEntry Entry { get; init; }

    /// <inheritdoc/>
    public override LedgerEntry Logged => Entry;

    /// <summary>Reads a receipt. Never throws on bad input.</summary>
    /// <param name="bytes">The whole text; kept, so it must not change afterwards.</param>
    /// <param name="receipt">Null when false.</param>
    /// <param name="fault">Why not; <see cref="ReceiptFault.None"/> when true.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out PrekeysReceipt? receipt, out ReceiptFault fault, out string error)
    {
        receipt = ReceiptParts.TryRead<PrekeysEntry>(bytes, "a bundle of prekeys", out var parts, out var entry, out fault, out error)
            ? new PrekeysReceipt(parts) { Entry = entry }
            : null;
        return receipt is not null;
    }
}
