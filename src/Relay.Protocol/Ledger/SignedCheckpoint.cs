using System.Diagnostics.CodeAnalysis;

namespace Relay.Protocol.Ledger;

/// <summary>
/// A checkpoint with what is needed to verify it offline: the note and the certificate of
/// its key. As read: nothing is verified; that is <see cref="ReceiptVerifier"/>. Immutable.
/// </summary>
public sealed class SignedCheckpoint
{
    private SignedCheckpoint(SignedNote note, Checkpoint checkpoint, CheckpointKeyCertificate certificate)
    {
        Note = note;
        Checkpoint = checkpoint;
        Certificate = certificate;
    }

    /// <summary>The signed note.</summary>
    public SignedNote Note { get; }

    /// <summary>What the note says.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>Certificate of the key that is said to have signed.</summary>
    public CheckpointKeyCertificate Certificate { get; }

    /// <summary>The checkpoint that a receipt carries.</summary>
    public static SignedCheckpoint Of(EntryReceipt receipt)
    {
        ArgumentNullException.ThrowIfNull(receipt);
        return new SignedCheckpoint(receipt.Proof.Note, receipt.Checkpoint, receipt.Certificate);
    }

    /// <summary>Reads note and certificate. Never throws on bad input.</summary>
    /// <param name="note">The note's text; kept, so it must not change afterwards.</param>
    /// <param name="certificate">Compact JWS.</param>
    /// <param name="signed">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> note, ReadOnlySpan<byte> certificate, [NotNullWhen(true)] out SignedCheckpoint? signed, out string error)
    {
        signed = null;
        if (!SignedNote.TryParse(note, out var read, out error) || !Checkpoint.TryParse(read.Text.Span, out var checkpoint, out error))
        {
            return false;
        }
        if (!CheckpointKeyCertificate.TryParse(certificate, out var key, out error)) return false;
        signed = new SignedCheckpoint(read, checkpoint, key);
        return true;
    }
}
