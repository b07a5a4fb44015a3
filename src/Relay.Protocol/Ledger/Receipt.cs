using System.Diagnostics.CodeAnalysis;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// What the relay gives for an envelope: a tlog-proof whose <c>extra</c> is the JSON
/// object <c>{"entry","key"}</c>, the entry's text and the certificate of the checkpoint
/// key. As read: well formed, but nothing is verified; that is <see cref="ReceiptVerifier"/>. Immutable.
/// </summary>
public sealed class Receipt : EntryReceipt
{
    private Receipt(ReceiptParts parts)
        : base(parts)
    {
    }

    /// <summary>The entry.</summary>
    public required EnvelopeEntry Entry { get; init; }

    /// <inheritdoc/>
    public override LedgerEntry Logged => Entry;

    /// <summary>Writes a receipt of an entry of any kind that has receipts.</summary>
    /// <param name="entry">The entry at <paramref name="index"/>.</param>
    /// <param name="index">Index of the entry, from 0.</param>
    /// <param name="hashes">Inclusion proof in the tree of the checkpoint.</param>
    /// <param name="note">The signed checkpoint.</param>
    /// <param name="certificate">Certificate of the key that signed it.</param>
    /// <exception cref="ArgumentException">A part breaks a rule of the format; the message says which.</exception>
    public static byte[] Write(
        LedgerEntry entry, long index, ReadOnlySpan<Digest> hashes, SignedNote note, CheckpointKeyCertificate certificate) =>
        ReceiptParts.Write(entry, index, hashes, note, certificate);

    /// <summary>Reads a receipt. Never throws on bad input.</summary>
    /// <param name="bytes">The whole text; kept, so it must not change afterwards.</param>
    /// <param name="receipt">Null when false.</param>
    /// <param name="fault">Why not; <see cref="ReceiptFault.None"/> when true.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out Receipt? receipt, out ReceiptFault fault, out string error)
    {
        receipt = ReceiptParts.TryRead<EnvelopeEntry>(bytes, "an envelope", out var parts, out var entry, out fault, out error)
            ? new Receipt(parts) { Entry = entry }
            : null;
        return receipt is not null;
    }
}
