using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// One entry of a ledger. Its text has the kind in the first line and one field a
/// line after it, ASCII, each line ended by a newline; every value has one text,
/// so that whoever knows the fields knows the leaf. Immutable.
/// </summary>
public abstract class LedgerEntry
{
    /// <summary>Longest entry in bytes: 40 KiB, which holds two heads with all their signatures; a C2SP bundle takes 65,535.</summary>
    public const int MaxBytes = 40 * 1024;

    // Last millisecond of year 9999, the end of DateTimeOffset.
    private const long MaxMilliseconds = 253_402_300_799_999;

    [ThreadStatic]
    private static StringBuilder? _text;

    private const string AnyKind = "the kind of an entry";

    private byte[]? _bytes;

    private protected LedgerEntry()
    {
    }

    /// <summary>When the relay wrote it, by its own clock; whole milliseconds since 1970 in the text.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>First line, such as <c>relay/mode/v1</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The signed heads in it, each with the document that it was judged by; none when its kind has none.</summary>
    public virtual ImmutableArray<JudgedHead> JudgedHeads => [];

    /// <summary>
    /// Digest of the document that it was judged by, of the first of its heads where it has more than one; null for what nobody but the
    /// relay says.
    /// </summary>
    public virtual Digest? JudgedBy => JudgedHeads.IsEmpty ? null : JudgedHeads[0].Policy;

    /// <summary>The text, written when it is first asked for here, and kept: a commit and its receipts have one.</summary>
    /// <exception cref="ArgumentException">A field breaks a rule of the format; the message says which.</exception>
    public ReadOnlyMemory<byte> Bytes => _bytes ??= Write();

    /// <summary>The text, in a new array.</summary>
    /// <exception cref="ArgumentException">A field breaks a rule of the format; the message says which.</exception>
    public byte[] ToBytes() => _bytes?.ToArray() ?? Write();

    private byte[] Write()
    {
        // Each envelope has an entry: what it is written into is kept.
        var text = _text ?? new StringBuilder(1024);
        _text = null;
        WriteFields(text.Clear().Append(Kind).Append('\n'));
        var bytes = ToUtf8(text);
        if (text.Capacity <= MaxBytes) _text = text;
        return TryParse(bytes, out _, out var error) ? bytes : throw new ArgumentException(error);
    }

    /// <summary>The leaf hash of the text.</summary>
    /// <exception cref="ArgumentException">A field breaks a rule of the format; the message says which.</exception>
    public Digest LeafHash() => MerkleHash.Leaf(_bytes ?? Write());

    /// <summary>Reads an entry of any kind. Never throws on bad input.</summary>
    /// <param name="text">The whole entry.</param>
    /// <param name="entry">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, [NotNullWhen(true)] out LedgerEntry? entry, out string error)
    {
        entry = null;
        if (text.Length > MaxBytes)
        {
            error = $"expected an entry of at most {MaxBytes} bytes, got {text.Length}";
            return false;
        }
        var reader = new EntryReader(text);
        var kind = reader.Line();
        if (kind.SequenceEqual("relay/envelope/v2"u8)) entry = EnvelopeEntry.Read(ref reader);
        else if (kind.SequenceEqual("relay/evidence/v2"u8)) entry = EvidenceEntry.Read(ref reader);
        else if (kind.SequenceEqual("relay/acknowledgement/v1"u8)) entry = AcknowledgementEntry.Read(ref reader);
        else if (kind.SequenceEqual("relay/prekeys/v1"u8)) entry = PrekeysEntry.Read(ref reader);
        else if (kind.SequenceEqual("relay/claim/v1"u8)) entry = ClaimEntry.Read(ref reader);
        else if (kind.SequenceEqual("relay/mode/v1"u8)) entry = ModeEntry.Read(ref reader);
        else if (kind.SequenceEqual("relay/heartbeat/v1"u8)) entry = new HeartbeatEntry { At = reader.Time(MaxMilliseconds) };
        else if (kind.SequenceEqual("relay/policy/v1"u8)) entry = PolicyEntry.Read(ref reader);
        else reader.Fail(AnyKind, kind);
        reader.End();
        error = reader.Error;
        if (error.Length > 0) entry = null;
        return entry is not null;
    }

    /// <summary>True for the first line, without its newline, of an entry that <see cref="TryParse"/> may read.</summary>
    internal static bool IsKnownKind(ReadOnlySpan<byte> kind)
    {
        return TryParse([.. kind, (byte)'\n'], out _, out var error) || !error.StartsWith($"expected {AnyKind}", StringComparison.Ordinal);
    }

    private static byte[] ToUtf8(StringBuilder text)
    {
        var characters = ArrayPool<char>.Shared.Rent(text.Length);
        try
        {
            text.CopyTo(0, characters, text.Length);
            return System.Text.Encoding.UTF8.GetBytes(characters, 0, text.Length);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(characters);
        }
    }

    internal static DateTimeOffset ReadTime(ref EntryReader reader) => reader.Time(MaxMilliseconds);

    private protected abstract void WriteFields(StringBuilder text);

    private protected void WriteTime(StringBuilder text) =>
        text.Append(CultureInfo.InvariantCulture, $"{At.ToUnixTimeMilliseconds()}\n");

    private protected static void WriteJudged(StringBuilder text, JudgedHead judged)
    {
        WriteDigest(text, judged.Policy);
        text.Append(StrictBase64.Encode(judged.Head.Bytes.Span)).Append('\n');
        foreach (var signature in judged.Signed.Signatures)
        {
            text.Append(StrictBase64.Encode(signature.Header())).Append(' ').Append(StrictBase64.Encode(signature.Value.Span)).Append('\n');
        }
    }

    private protected static void WriteDigest(StringBuilder text, in Digest digest) =>
        text.Append(StrictBase64.Encode(digest)).Append('\n');
}
