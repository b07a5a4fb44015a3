using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Sealing;
using Relay.Protocol.Text;

namespace Relay.Protocol.Evidence;

/// <summary>Reads the lines of an <see cref="EvidenceFile"/>, and holds them to the shape of its kind.</summary>
/// <param name="bytes">The file.</param>
/// <param name="text">The same in full, see <see cref="EvidenceWords"/>.</param>
internal ref struct EvidenceReader(ReadOnlyMemory<byte> bytes, ReadOnlySpan<byte> text)
{
    private const int MaxTrees = 2;
    private const int TreeWords = 6;

    private LineReader _lines = new(text);
    private string _error = "";

    public bool TryRead([NotNullWhen(true)] out EvidenceFile? file, out string error)
    {
        file = Read();
        error = _error;
        return file is not null;
    }

    private EvidenceFile? Read()
    {
        Next();
        var line = Next();
        if (!LieKinds.TryParse(System.Text.Encoding.ASCII.GetString(line), out var kind)) return Failed("a kind of lie", line);
        line = Next();
        if (!Checkpoint.IsOrigin(line)) return Failed("the origin of a ledger", line);
        var origin = System.Text.Encoding.ASCII.GetString(line);
        var trees = ImmutableArray.CreateBuilder<EvidenceTree>(MaxTrees);
        while (trees.Count < MaxTrees && TryTake("tree"u8, out line))
        {
            if (ReadTree(line, origin) is not { } tree) return null;
            trees.Add(tree);
        }
        EvidenceRoot? root = null;
        if (TryTake("root"u8, out line))
        {
            if (line.IsEmpty || !StrictBase64.TryDecode(line[1..], out var hash)) return Failed("a root in base64", line);
            if (ReadHashes() is not { } proof) return null;
            root = new EvidenceRoot(hash, proof);
        }
        byte[]? document = [];
        if (TryTake("document"u8, out line) && (document = ReadBlock(line)) is null or []) return Failed("a document", line);
        var wrap = default(EvidenceWrap);
        if (TryTake("content"u8, out line) && (wrap = ReadWrap(line)) is null) return null;
        if (!_lines.IsAtEnd)
        {
            _lines.TryNext(out line);
            return Failed("tree, leaf, root, document, content and wrap in this order, each line ended by a newline", line);
        }
        var file = new EvidenceFile(bytes, kind, origin)
        {
            Trees = trees.DrainToImmutable(),
            Root = root,
            Document = document,
            Wrap = wrap,
        };
        return HasItsShape(file) ? file : null;
    }

    private EvidenceTree? ReadTree(ReadOnlySpan<byte> line, string origin)
    {
        var rest = line;
        var (size, root, signature) = (NextWord(ref rest), NextWord(ref rest), NextWord(ref rest));
        // What is left is the certificate, with spaces for its dots.
        if (line.Count((byte)' ') != TreeWords || line.Contains((byte)'.'))
        {
            Failed("a size, a root, a signature and the three parts of a certificate", line);
            return null;
        }
        var certificate = rest[1..].ToArray();
        certificate.AsSpan().Replace((byte)' ', (byte)'.');
        var note = System.Text.Encoding.UTF8.GetBytes($"{origin}\n{size}\n{root}\n\n\u2014 {origin} {signature}\n");
        if (!SignedCheckpoint.TryParse(note, certificate, out var signed, out var error))
        {
            _error = error;
            return null;
        }
        var leaves = ImmutableArray.CreateBuilder<EvidenceLeaf>();
        while (leaves.Count < 2 && TryTake("leaf"u8, out line))
        {
            if (ReadLeaf(line) is not { } leaf) return null;
            leaves.Add(leaf);
        }
        return new EvidenceTree(signed, leaves.DrainToImmutable());
    }

    private EvidenceLeaf? ReadLeaf(ReadOnlySpan<byte> line)
    {
        var rest = line;
        var index = NextWord(ref rest);
        if (!StrictDecimal.TryParse(System.Text.Encoding.ASCII.GetBytes(index), MerkleHash.MaxSize - 1, out var place)
            || ReadBlock(rest) is not { Length: <= EntryBundle.MaxEntryBytes } entry)
        {
            Failed("an index and an entry", line);
            return null;
        }
        return ReadHashes() is { } proof ? new EvidenceLeaf(place, entry, proof) : null;
    }

    private EvidenceWrap? ReadWrap(ReadOnlySpan<byte> line)
    {
        var content = ReadBlock(line);
        TryTake("wrap"u8, out line);
        var rest = line;
        var keyId = NextWord(ref rest);
        if (content is { Length: > 0 }
            && PublicJwk.IsKeyId(keyId, out _)
            && !rest.IsEmpty
            && StrictBase64.Decode(rest[1..]) is { } shown
            && WrapProof.TryRead(shown, out var proof))
        {
            return new EvidenceWrap(content, keyId, proof);
        }
        Failed("a content, and a key id with a proof in base64", line);
        return null;
    }

    // Behind its name in base64, or in the lines below it: which of the two is no choice.
    private byte[]? ReadBlock(ReadOnlySpan<byte> rest)
    {
        if (!rest.IsEmpty) return StrictBase64.Decode(rest[1..]) is { } bytes && !EvidenceWords.IsText(bytes) ? bytes : null;
        var block = new ArrayBufferWriter<byte>();
        var isBegun = false;
        for (var ahead = _lines; ahead.TryNext(out var line) && line.StartsWith((byte)' '); _lines = ahead)
        {
            if (isBegun) block.Write("\n"u8);
            block.Write(line[1..]);
            isBegun = true;
        }
        return isBegun ? block.WrittenSpan.ToArray() : null;
    }

    private ImmutableArray<Digest>? ReadHashes()
    {
        var hashes = ImmutableArray.CreateBuilder<Digest>();
        while (true)
        {
            var ahead = _lines;
            // Whatever is of another length is no hash, and begins what comes next.
            if (!ahead.TryNext(out var line) || line.Length != StrictBase64.DigestLength || line.Contains((byte)' '))
            {
                return hashes.DrainToImmutable();
            }
            if (hashes.Count == MerkleProof.MaxHashes || !StrictBase64.TryDecode(line, out var hash))
            {
                Failed($"at most {MerkleProof.MaxHashes} hashes in base64", line);
                return null;
            }
            hashes.Add(hash);
            _lines = ahead;
        }
    }

    private bool HasItsShape(EvidenceFile file)
    {
        var leaves = file.Leaves.Count();
        // Two trees need no leaf between them; two leaves stand in one tree, or each in its own.
        var wanted = file.Kind.Leaves();
        var trees = wanted switch { 0 => file.Trees.Length == 2, 1 => file.Trees.Length == 1, _ => file.Trees.Length is 1 or 2 };
        var spread = file.Trees.Length == 1 || file.Trees.All(tree => tree.Leaves.Length == wanted / 2);
        if (trees
            && spread
            && leaves == wanted
            && (file.Root is null || file.Kind.TakesRoot())
            && (file.Document.IsEmpty || file.Kind.TakesDocument())
            && file.Wrap is not null == (file.Kind == LieKind.WrongWrap))
        {
            return true;
        }
        _error = string.Create(
            CultureInfo.InvariantCulture,
            $"expected the trees, leaves, root and document of {file.Kind.ToText()}, got {file.Trees.Length} trees and {leaves} leaves");
        return false;
    }

    // What follows the word begins with a space, or is nothing.
    private bool TryTake(ReadOnlySpan<byte> word, out ReadOnlySpan<byte> rest)
    {
        var ahead = _lines;
        rest = default;
        if (!ahead.TryNext(out var line) || !line.StartsWith(word)) return false;
        if (line.Length > word.Length && line[word.Length] != (byte)' ') return false;
        rest = line[word.Length..];
        _lines = ahead;
        return true;
    }

    // The next word behind its space; empty where there is none.
    private static string NextWord(ref ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty) return "";
        var end = rest[1..].IndexOf((byte)' ');
        var word = end < 0 ? rest[1..] : rest.Slice(1, end);
        rest = rest[(1 + word.Length)..];
        return System.Text.Encoding.ASCII.GetString(word);
    }

    private ReadOnlySpan<byte> Next() => _lines.TryNext(out var line) ? line : default;

    private EvidenceFile? Failed(string expected, ReadOnlySpan<byte> came)
    {
        _error = $"expected {expected}, got {Excerpt.Of(came)}";
        return null;
    }
}
