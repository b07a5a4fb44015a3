using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>What every receipt is made of, whatever the kind of its entry.</summary>
/// <param name="Bytes">The text as it came.</param>
/// <param name="Proof">Index, inclusion proof and signed checkpoint.</param>
/// <param name="Checkpoint">What the proof says it commits to.</param>
/// <param name="LeafHash">Leaf hash of the entry's text.</param>
/// <param name="Certificate">Certificate of the checkpoint's key.</param>
internal sealed record ReceiptParts(
    ReadOnlyMemory<byte> Bytes, TlogProof Proof, Checkpoint Checkpoint, Digest LeafHash, CheckpointKeyCertificate Certificate)
{
    private const int MaxExtraBytes = 48 * 1024;

    // Each envelope has a receipt: what its JSON is written into is kept.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _extra;

    public static byte[] Write(
        LedgerEntry entry, long index, ReadOnlySpan<Digest> hashes, SignedNote note, CheckpointKeyCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(note);
        ArgumentNullException.ThrowIfNull(certificate);
        // What could break a rule is looked at here; the rest was read by the rules of its format already, and is not read again.
        var text = entry.Bytes.Span;
        if (!Checkpoint.TryParse(note.Text.Span, out _, out var error)) throw new ArgumentException(error, nameof(note));
        var extra = _extra ?? new ArrayBufferWriter<byte>(2_048);
        _extra = null;
        extra.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(extra, PlainJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("entry"u8, text);
            json.WriteString("key"u8, certificate.Bytes);
            json.WriteEndObject();
        }

        if (extra.WrittenCount > MaxExtraBytes)
        {
            throw new ArgumentException(
                $"Expected at most {MaxExtraBytes} bytes of entry and key, got {extra.WrittenCount}.", nameof(entry));
        }

        var receipt = TlogProof.Write(extra.WrittenSpan, index, hashes, note);
        _extra = extra;
        return receipt;
    }

    /// <param name="bytes">The whole text.</param>
    /// <param name="of">What the entry is to be of, for the error.</param>
    /// <param name="parts">Null when false.</param>
    /// <param name="entry">Null when false.</param>
    /// <param name="fault">Why not.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryRead<TEntry>(
        ReadOnlyMemory<byte> bytes,
        string of,
        [NotNullWhen(true)] out ReceiptParts? parts,
        [NotNullWhen(true)] out TEntry? entry,
        out ReceiptFault fault,
        out string error)
        where TEntry : LedgerEntry
    {
        (parts, entry, fault) = (null, null, ReceiptFault.Malformed);
        if (!TlogProof.TryParse(bytes, out var proof, out error)
            || !Checkpoint.TryParse(proof.Note.Text.Span, out var checkpoint, out error))
        {
            return false;
        }
        fault = ReceiptFault.BadExtra;
        if (!TryReadExtra(proof.Extra, out var entryText, out var key, out error)) return false;
        fault = ReceiptFault.BadEntry;
        if (!LedgerEntry.TryParse(entryText, out var logged, out error)) return false;
        if (logged is not TEntry wanted)
        {
            error = $"expected an entry of {of}, got {logged.Kind}";
            return false;
        }
        fault = ReceiptFault.BadCertificate;
        if (!CheckpointKeyCertificate.TryParse(key, out var certificate, out error)) return false;
        fault = ReceiptFault.None;
        (parts, entry) = (new ReceiptParts(bytes, proof, checkpoint, MerkleHash.Leaf(entryText), certificate), wanted);
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
