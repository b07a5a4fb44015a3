using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// What the relay gives for an envelope: a tlog-proof whose <c>extra</c> is the JSON
/// object <c>{"entry","key"}</c>, the entry's text and the certificate of the checkpoint
/// key. As read: well formed, but nothing is verified; that is <see cref="ReceiptVerifier"/>. Immutable.
/// </summary>
public sealed class Receipt
{
    private const int MaxExtraBytes = 32 * 1024;

    private Receipt()
    {
    }

    /// <summary>The text as it came.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Index, inclusion proof and signed checkpoint.</summary>
    public required TlogProof Proof { get; init; }

    /// <summary>What <see cref="Proof"/> says it commits to.</summary>
    public required Checkpoint Checkpoint { get; init; }

    /// <summary>The entry.</summary>
    public required EnvelopeEntry Entry { get; init; }

    /// <summary>Leaf hash of the entry's text.</summary>
    public required Digest LeafHash { get; init; }

    /// <summary>Certificate of the checkpoint's key.</summary>
    public required CheckpointKeyCertificate Certificate { get; init; }

    /// <summary>Writes a receipt.</summary>
    /// <param name="entry">The entry at <paramref name="index"/>.</param>
    /// <param name="index">Index of the entry, from 0.</param>
    /// <param name="hashes">Inclusion proof in the tree of the checkpoint.</param>
    /// <param name="note">The signed checkpoint.</param>
    /// <param name="certificate">Certificate of the key that signed it.</param>
    /// <exception cref="ArgumentException">A part breaks a rule of the format; the message says which.</exception>
    public static byte[] Write(
        EnvelopeEntry entry, long index, ReadOnlySpan<Digest> hashes, SignedNote note, CheckpointKeyCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(note);
        ArgumentNullException.ThrowIfNull(certificate);
        using var stream = new MemoryStream(2048);
        using (var json = new Utf8JsonWriter(stream, PlainJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("entry"u8, entry.ToBytes());
            json.WriteString("key"u8, certificate.Bytes);
            json.WriteEndObject();
        }
        var bytes = TlogProof.Write(stream.ToArray(), index, hashes, note);
        return TryParse(bytes, out _, out _, out var error) ? bytes : throw new ArgumentException(error);
    }

    /// <summary>Reads a receipt. Never throws on bad input.</summary>
    /// <param name="bytes">The whole text; kept, so it must not change afterwards.</param>
    /// <param name="receipt">Null when false.</param>
    /// <param name="fault">Why not; <see cref="ReceiptFault.None"/> when true.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(
        ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out Receipt? receipt, out ReceiptFault fault, out string error)
    {
        receipt = null;
        fault = ReceiptFault.Malformed;
        if (!TlogProof.TryParse(bytes, out var proof, out error)
            || !Checkpoint.TryParse(proof.Note.Text.Span, out var checkpoint, out error))
        {
            return false;
        }
        fault = ReceiptFault.BadExtra;
        if (!TryReadExtra(proof.Extra, out var entryText, out var key, out error)) return false;
        fault = ReceiptFault.BadEntry;
        if (!LedgerEntry.TryParse(entryText, out var entry, out error)) return false;
        if (entry is not EnvelopeEntry envelopeEntry)
        {
            error = $"expected an entry of an envelope, got {entry.Kind}";
            return false;
        }
        fault = ReceiptFault.BadCertificate;
        if (!CheckpointKeyCertificate.TryParse(key, out var certificate, out error)) return false;
        fault = ReceiptFault.None;
        receipt = new Receipt
        {
            Bytes = bytes,
            Proof = proof,
            Checkpoint = checkpoint,
            Entry = envelopeEntry,
            LeafHash = MerkleHash.Leaf(entryText),
            Certificate = certificate,
        };
        return true;
    }

    private static bool TryReadExtra(byte[]? extra, out byte[] entry, out byte[] key, out string error)
    {
        entry = key = [];
        error = "expected an extra line, got none";
        if (extra is null || !StrictJsonDocument.TryParse(extra, MaxExtraBytes, out var document, out error)) return false;
        using (document)
        {
            var json = document.RootElement;
            error = "expected 'extra' to be an object with the strings 'entry' and 'key', got something else";
            if (json.ValueKind != JsonValueKind.Object) return false;
            if (!json.TryGetProperty("entry", out var entryText) || entryText.ValueKind != JsonValueKind.String) return false;
            if (!json.TryGetProperty("key", out var keyText) || keyText.ValueKind != JsonValueKind.String) return false;
            entry = System.Text.Encoding.UTF8.GetBytes(entryText.GetString()!);
            key = System.Text.Encoding.UTF8.GetBytes(keyText.GetString()!);
        }
        error = "";
        return true;
    }
}
