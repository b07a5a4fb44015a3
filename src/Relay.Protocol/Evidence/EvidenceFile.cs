using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Protocol.Evidence;

/// <summary>
/// What shows an outsider that a relay did what no honest relay does: what it has signed, and nothing else. As read: nothing is
/// verified; that is <see cref="EvidenceJudge"/>. Immutable.
/// </summary>
/// <remarks>
/// Lines of printable ASCII, each ended by a newline, bytes as base64 (RFC 4648 section 4), every value in one text:
/// <code>
/// relay/evidence-file/v2
/// {kind}
/// {origin}
/// tree {size} {root} {signature} {header} {payload} {signature}    one or two
/// leaf {index} {block}                                             of the tree above
/// {hash}                                                           inclusion proof of the leaf above, the leaf's sibling first
/// root {hash}                                                      a root that the last tree had before
/// {hash}                                                           consistency proof from it
/// document {block}                                                 of the negotiation, whose digest an entry names
/// content {block}                                                  of the envelope that the leaf is of
/// wrap {key id} {proof}                                            see WrapProof
/// </code>
/// A tree is the checkpoint with the value of its signature line (C2SP signed-note), then the certificate, compact JWS with spaces for its
/// dots. A block is bytes: what is printable ASCII in lines stands in the lines below, each behind a space, whatever its newlines part;
/// anything else stands in base64 where the block is named. Then the words of it all are folded, see <c>EvidenceWords</c>.
/// </remarks>
public sealed class EvidenceFile
{
    /// <summary>First line.</summary>
    public const string Type = "relay/evidence-file/v2";

    /// <summary>Longest file read, and longest in full: 512 KiB, room for the longest document with an entry.</summary>
    public const int MaxBytes = 512 * 1024;

    internal EvidenceFile(ReadOnlyMemory<byte> bytes, LieKind kind, string origin)
    {
        Bytes = bytes;
        Kind = kind;
        Origin = origin;
    }

    /// <summary>The file.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What it says that the relay did.</summary>
    public LieKind Kind { get; }

    /// <summary>Origin of the ledger that it speaks of, <c>{relay name}/{negotiation}</c>; of all its checkpoints.</summary>
    public string Origin { get; }

    /// <summary>One or two.</summary>
    public ImmutableArray<EvidenceTree> Trees { get; internal init; }

    /// <summary>An earlier root of the last tree; null when the kind needs none.</summary>
    public EvidenceRoot? Root { get; internal init; }

    /// <summary>A negotiation document; empty when it has none.</summary>
    public ReadOnlyMemory<byte> Document { get; internal init; }

    /// <summary>A content and a secret; null when the kind needs none.</summary>
    public EvidenceWrap? Wrap { get; internal init; }

    /// <summary>Of its checkpoints; <see cref="EvidenceJudge"/> needs the vault keys that are said to have signed them.</summary>
    public IReadOnlyList<CheckpointKeyCertificate> Certificates => [.. Trees.Select(tree => tree.Signed.Certificate)];

    /// <summary>Every leaf, in the order of the file.</summary>
    public IEnumerable<EvidenceLeaf> Leaves => Trees.SelectMany(tree => tree.Leaves);

    /// <summary>Two checkpoints of one size.</summary>
    public static EvidenceFile Fork(SignedCheckpoint first, SignedCheckpoint second) => Create(LieKind.Fork, [Bare(first), Bare(second)]);

    /// <summary>Two checkpoints, the smaller first, and the root that the larger's tree had at the smaller's size.</summary>
    public static EvidenceFile Fork(SignedCheckpoint first, SignedCheckpoint second, EvidenceRoot root) =>
        Create(LieKind.Fork, [Bare(first), Bare(second)], root);

    /// <summary>The lie that two entries of one ledger show, wherever they stand; null when they fit.</summary>
    public static LieKind? Between(EvidenceLeaf first, EvidenceLeaf second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return EvidencePair.Find(first, second);
    }

    /// <summary>Two receipts that do not fit; null when they do. Nothing is verified.</summary>
    public static EvidenceFile? Of(Receipt first, Receipt second)
    {
        var trees = ImmutableArray.Create(EvidenceTree.Of(first), EvidenceTree.Of(second));
        return EvidencePair.Find(trees[0].Leaves[0], trees[1].Leaves[0]) is { } kind ? Create(kind, trees) : null;
    }

    /// <summary>Writes a file.</summary>
    /// <param name="kind">What it says.</param>
    /// <param name="trees">As the kind needs them.</param>
    /// <param name="root">An earlier root of the last tree, where the kind takes one.</param>
    /// <param name="document">The negotiation document, where the kind takes one; empty for none.</param>
    /// <param name="wrap">A content and a secret, for <see cref="LieKind.WrongWrap"/>.</param>
    /// <exception cref="ArgumentException">The parts make no file of this kind; the message says why.</exception>
    public static EvidenceFile Create(
        LieKind kind,
        ImmutableArray<EvidenceTree> trees,
        EvidenceRoot? root = null,
        ReadOnlyMemory<byte> document = default,
        EvidenceWrap? wrap = null)
    {
        var origin = trees.IsDefaultOrEmpty ? "" : trees[0].Signed.Checkpoint.Origin;
        var text = new StringBuilder(4096).Append(CultureInfo.InvariantCulture, $"{Type}\n{kind.ToText()}\n{origin}\n");
        foreach (var tree in trees.IsDefault ? [] : trees)
        {
            WriteCheckpoint(text, tree.Signed, origin);
            foreach (var leaf in tree.Leaves)
            {
                WriteBlock(text.Append(CultureInfo.InvariantCulture, $"leaf {leaf.Index}"), leaf.Entry.Span);
                WriteHashes(text, leaf.Proof);
            }
        }
        if (root is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"root {StrictBase64.Encode(root.Root)}\n");
            WriteHashes(text, root.Proof);
        }
        if (!document.IsEmpty) WriteBlock(text.Append("document"), document.Span);
        if (wrap is not null)
        {
            WriteBlock(text.Append("content"), wrap.Content.Span);
            text.Append(CultureInfo.InvariantCulture, $"wrap {wrap.KeyId} {StrictBase64.Encode(wrap.Proof.Bytes)}\n");
        }
        return TryParse(EvidenceWords.Fold(System.Text.Encoding.ASCII.GetBytes(text.ToString())), out var file, out var error)
            ? file
            : throw new ArgumentException(error);
    }

    /// <summary>Reads a file. Never throws on bad input.</summary>
    /// <param name="bytes">The whole file; kept, so it must not change afterwards.</param>
    /// <param name="file">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out EvidenceFile? file, out string error)
    {
        file = null;
        if (bytes.Length > MaxBytes)
        {
            error = $"expected at most {MaxBytes} bytes of evidence, got {bytes.Length}";
            return false;
        }
        var end = bytes.Span.IndexOf((byte)'\n');
        var type = end < 0 ? bytes.Span : bytes.Span[..end];
        if (type.SequenceEqual("relay/evidence-file/v1"u8))
        {
            error = $"expected {Type}, got {Excerpt.Of(type)}, which is no longer read: have whoever wrote it write it anew";
            return false;
        }
        if (!type.SequenceEqual(System.Text.Encoding.ASCII.GetBytes(Type)))
        {
            error = $"expected {Type}, got {Excerpt.Of(type)}";
            return false;
        }
        return EvidenceWords.TryUnfold(bytes.Span, out var text, out error) && new EvidenceReader(bytes, text).TryRead(out file, out error);
    }

    private static EvidenceTree Bare(SignedCheckpoint signed) => new(signed, []);

    // Of a note's signature lines the one that counts: those of other keys say nothing here.
    private static void WriteCheckpoint(StringBuilder text, SignedCheckpoint signed, string origin)
    {
        var (size, root) = (signed.Checkpoint.Size, signed.Checkpoint.Root);
        if (signed.Checkpoint.Origin != origin)
        {
            throw new ArgumentException($"expected checkpoints of {origin}, got one of {signed.Checkpoint.Origin}");
        }
        var named = signed.Note.Signatures.Where(one => one.Name == origin).ToList();
        var signature = named.Count > 1 ? named.Find(one => one.KeyId == KeyIdOf(signed, origin)) ?? named[0] : named.FirstOrDefault();
        if (signature is null) throw new ArgumentException($"expected a checkpoint with a signature line of {origin}, got none");
        var value = StrictBase64.Encode(signature.ToBytes());
        var certificate = System.Text.Encoding.ASCII.GetString(signed.Certificate.Bytes).Replace('.', ' ');
        text.Append(CultureInfo.InvariantCulture, $"tree {size} {StrictBase64.Encode(root)} {value} {certificate}\n");
    }

    private static uint KeyIdOf(SignedCheckpoint signed, string origin)
    {
        if (!NoteKey.TryCreate(origin, signed.Certificate.Key, out var key, out var error)) throw new ArgumentException(error);
        using (key) return key.KeyId;
    }

    private static void WriteBlock(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        if (!EvidenceWords.IsText(bytes))
        {
            text.Append(' ').Append(StrictBase64.Encode(bytes)).Append('\n');
            return;
        }
        text.Append("\n ").Append(System.Text.Encoding.ASCII.GetString(bytes).Replace("\n", "\n ", StringComparison.Ordinal)).Append('\n');
    }

    private static void WriteHashes(StringBuilder text, ImmutableArray<Digest> hashes)
    {
        foreach (var hash in hashes) text.Append(StrictBase64.Encode(hash)).Append('\n');
    }
}
