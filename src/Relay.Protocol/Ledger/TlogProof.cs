using System.Buffers.Text;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// An inclusion proof with its checkpoint, as a text that stands alone. As read: nothing of it is verified yet. Immutable.
/// </summary>
/// <remarks>C2SP tlog-proof, section "Format": version line, optional <c>extra</c>, <c>index</c>, hashes, empty line, checkpoint.</remarks>
public sealed class TlogProof
{
    /// <summary>Longest text read: 192 KiB, of which the checkpoint may take <see cref="SignedNote.MaxBytes"/>.</summary>
    public const int MaxBytes = 192 * 1024;

    private TlogProof()
    {
    }

    /// <summary>What the application added, not covered by any signature; null when there is no such line.</summary>
    public byte[]? Extra { get; private init; }

    /// <summary>Index of the entry, from 0.</summary>
    public required long Index { get; init; }

    /// <summary>Inclusion proof, the leaf's sibling first; at most <see cref="MerkleProof.MaxHashes"/>.</summary>
    public required ImmutableArray<Digest> Hashes { get; init; }

    /// <summary>The checkpoint's note.</summary>
    public required SignedNote Note { get; init; }

    private static ReadOnlySpan<byte> VersionLine => "c2sp.org/tlog-proof@v1"u8;

    private static ReadOnlySpan<byte> ExtraStart => "extra "u8;

    private static ReadOnlySpan<byte> IndexStart => "index "u8;

    /// <summary>Writes a proof.</summary>
    /// <param name="extra">What to add; empty for nothing.</param>
    /// <param name="index">Index of the entry.</param>
    /// <param name="hashes">Inclusion proof in the tree of the checkpoint.</param>
    /// <param name="note">The checkpoint, signed.</param>
    /// <exception cref="ArgumentException">A part breaks a rule of the format; the message says which.</exception>
    public static byte[] Write(ReadOnlySpan<byte> extra, long index, ReadOnlySpan<Digest> hashes, SignedNote note)
    {
        ArgumentNullException.ThrowIfNull(note);
        if (index is < 0 or >= MerkleHash.MaxSize)
        {
            throw new ArgumentException($"Expected an index from 0 to {MerkleHash.MaxSize - 1}, got {index}.", nameof(index));
        }
        if (hashes.Length > MerkleProof.MaxHashes)
        {
            throw new ArgumentException($"Expected at most {MerkleProof.MaxHashes} hashes, got {hashes.Length}.", nameof(hashes));
        }
        var number = index.ToString(CultureInfo.InvariantCulture);
        var extraLength = extra.IsEmpty ? 0 : ExtraStart.Length + Base64.GetMaxEncodedToUtf8Length(extra.Length) + 1;
        var length = (long)VersionLine.Length + 1 + extraLength + IndexStart.Length + number.Length + 1
            + hashes.Length * (StrictBase64.DigestLength + 1) + 1 + note.Bytes.Length;
        if (length > MaxBytes) throw new ArgumentException($"Expected at most {MaxBytes} bytes of proof, got {length}.", nameof(extra));

        var bytes = new byte[length];
        var rest = Line(bytes, VersionLine);
        if (!extra.IsEmpty) rest = EncodedLine(Copy(rest, ExtraStart), extra);
        rest = Copy(rest, IndexStart);
        rest = Line(rest[System.Text.Encoding.ASCII.GetBytes(number, rest)..], default);
        Span<byte> hash = stackalloc byte[Digest.Size];
        foreach (var digest in hashes)
        {
            digest.CopyTo(hash);
            rest = EncodedLine(rest, hash);
        }

        Copy(Line(rest, default), note.Bytes.Span);
        return bytes;
    }

    /// <summary>Reads a proof. Never throws on bad input.</summary>
    /// <param name="bytes">The whole text; kept, so it must not change afterwards.</param>
    /// <param name="proof">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out TlogProof? proof, out string error)
    {
        proof = null;
        if (bytes.Length > MaxBytes)
        {
            error = $"expected at most {MaxBytes} bytes of proof, got {bytes.Length}";
            return false;
        }
        var lines = new LineReader(bytes.Span);
        if (!lines.TryNext(out var line) || !line.SequenceEqual(VersionLine))
        {
            return Failed("the version line of tlog-proof", line, out error);
        }
        byte[]? extra = null;
        if (!lines.TryNext(out line)) return Failed("an index line", line, out error);
        if (line.StartsWith(ExtraStart))
        {
            extra = StrictBase64.Decode(line[ExtraStart.Length..]);
            if (extra is not { Length: > 0 }) return Failed("extra in base64", line, out error);
            if (!lines.TryNext(out line)) return Failed("an index line", line, out error);
        }
        if (!line.StartsWith(IndexStart) || !StrictDecimal.TryParse(line[IndexStart.Length..], MerkleHash.MaxSize - 1, out var index))
        {
            return Failed("an index line", line, out error);
        }
        var hashes = ImmutableArray.CreateBuilder<Digest>(16);
        while (true)
        {
            if (!lines.TryNext(out line)) return Failed("an empty line and a checkpoint", line, out error);
            if (line.IsEmpty) break;
            if (hashes.Count == MerkleProof.MaxHashes || !StrictBase64.TryDecode(line, out var hash))
            {
                return Failed($"at most {MerkleProof.MaxHashes} hashes in base64", line, out error);
            }
            hashes.Add(hash);
        }
        if (!SignedNote.TryParse(bytes[^lines.Left..], out var note, out error)) return false;
        proof = new TlogProof { Extra = extra, Index = index, Hashes = hashes.DrainToImmutable(), Note = note };
        return true;
    }

    private static Span<byte> Copy(Span<byte> to, scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(to);
        return to[bytes.Length..];
    }

    private static Span<byte> Line(Span<byte> to, scoped ReadOnlySpan<byte> text) => Copy(Copy(to, text), "\n"u8);

    private static Span<byte> EncodedLine(Span<byte> to, scoped ReadOnlySpan<byte> bytes)
    {
        Base64.EncodeToUtf8(bytes, to, out _, out var written);
        return Line(to[written..], default);
    }

    private static bool Failed(string expected, ReadOnlySpan<byte> came, out string error)
    {
        error = $"expected {expected}, got {Excerpt.Of(came)}";
        return false;
    }
}
