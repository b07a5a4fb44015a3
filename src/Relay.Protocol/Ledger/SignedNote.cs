using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// A text with signature lines, as read: its text means nothing until a <see cref="NoteKey"/> has verified it. Immutable.
/// </summary>
/// <remarks>C2SP signed-note, sections "Format" and "Signatures".</remarks>
public sealed class SignedNote
{
    /// <summary>Longest note read: 128 KiB, room for 16 signatures of the largest kind.</summary>
    public const int MaxBytes = 128 * 1024;

    /// <summary>Most signature lines read: 32.</summary>
    public const int MaxSignatures = 32;

    private SignedNote(ReadOnlyMemory<byte> bytes, int textLength, ImmutableArray<NoteSignature> signatures)
    {
        Bytes = bytes;
        Text = bytes[..textLength];
        Signatures = signatures;
    }

    /// <summary>The whole note as it came.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What was signed, UTF-8, its last newline included.</summary>
    public ReadOnlyMemory<byte> Text { get; }

    /// <summary>At least one, in the order of their lines; those of unknown keys are to be ignored.</summary>
    public ImmutableArray<NoteSignature> Signatures { get; }

    // Em dash and space before, one space within, newline after.
    private static ReadOnlySpan<byte> LineStart => "\u2014 "u8;

    /// <summary>Reads a note. Never throws on bad input.</summary>
    /// <param name="bytes">The whole note; kept, so it must not change afterwards.</param>
    /// <param name="note">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out SignedNote? note, out string error)
    {
        note = null;
        var span = bytes.Span;
        if (span.Length > MaxBytes)
        {
            error = $"expected at most {MaxBytes} bytes of note, got {span.Length}";
            return false;
        }
        if (!IsText(span))
        {
            error = "expected UTF-8 without control characters but newline, got something else";
            return false;
        }
        var split = span.LastIndexOf("\n\n"u8);
        if (split < 0)
        {
            error = "expected a text, an empty line and signature lines, got no empty line";
            return false;
        }
        if (!TryReadSignatures(span[(split + 2)..], out var signatures, out error)) return false;
        note = new SignedNote(bytes, split + 1, signatures);
        return true;
    }

    /// <summary>True for a key name: not empty, without Unicode spaces, ASCII control characters and <c>+</c>.</summary>
    public static bool IsKeyName([NotNullWhen(true)] string? name)
    {
        if (string.IsNullOrEmpty(name)) return false;
        foreach (var rune in name.EnumerateRunes())
        {
            if (rune.Value is '+' or < 0x20 || Rune.IsWhiteSpace(rune)) return false;
        }
        return true;
    }

    /// <summary>Puts one signature under a text.</summary>
    internal static byte[] Write(ReadOnlySpan<byte> text, string name, uint keyId, ReadOnlySpan<byte> signature)
    {
        Span<byte> value = stackalloc byte[NoteSignature.KeyIdBytes + signature.Length];
        NoteSignature.Write(keyId, signature, value);
        // Texts of heads are long: one array of the right length instead of one that grows.
        var encoded = Base64.GetMaxEncodedToUtf8Length(value.Length);
        var bytes = new byte[text.Length + 1 + LineStart.Length + System.Text.Encoding.UTF8.GetByteCount(name) + 1 + encoded + 1];
        text.CopyTo(bytes);
        bytes[text.Length] = (byte)'\n';
        LineStart.CopyTo(bytes.AsSpan(text.Length + 1));
        System.Text.Encoding.UTF8.GetBytes(name, bytes.AsSpan(text.Length + 1 + LineStart.Length));
        bytes[^(encoded + 2)] = (byte)' ';
        Base64.EncodeToUtf8(value, bytes.AsSpan(bytes.Length - encoded - 1), out _, out _);
        bytes[^1] = (byte)'\n';
        return bytes;
    }

    internal static bool IsText(ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text)) return false;
        foreach (var c in text)
        {
            if (c < 0x20 && c != (byte)'\n') return false;
        }
        return true;
    }

    private static bool TryReadSignatures(ReadOnlySpan<byte> lines, out ImmutableArray<NoteSignature> signatures, out string error)
    {
        signatures = default;
        error = "";
        var read = ImmutableArray.CreateBuilder<NoteSignature>(1);
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOf((byte)'\n');
            if (end < 0 || !TryReadSignature(lines[..end], out var signature))
            {
                error =
                    $"expected signature line {read.Count + 1} as an em dash, a key name and base64 of key id and signature, got "
                        + "something else";
                return false;
            }
            if (read.Count == MaxSignatures)
            {
                error = $"expected at most {MaxSignatures} signature lines, got more";
                return false;
            }
            read.Add(signature);
            lines = lines[(end + 1)..];
        }
        if (read.Count == 0) error = "expected at least one signature line, got none";
        signatures = read.DrainToImmutable();
        return error.Length == 0;
    }

    private static bool TryReadSignature(ReadOnlySpan<byte> line, [NotNullWhen(true)] out NoteSignature? signature)
    {
        signature = null;
        if (!line.StartsWith(LineStart)) return false;
        line = line[LineStart.Length..];
        var space = line.IndexOf((byte)' ');
        if (space < 0 || StrictBase64.Decode(line[(space + 1)..]) is not { Length: > NoteSignature.KeyIdBytes } value) return false;
        var name = System.Text.Encoding.UTF8.GetString(line[..space]);
        if (!IsKeyName(name)) return false;
        signature = new NoteSignature(name, BinaryPrimitives.ReadUInt32BigEndian(value), value.AsMemory(NoteSignature.KeyIdBytes));
        return true;
    }
}
