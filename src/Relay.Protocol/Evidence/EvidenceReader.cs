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
internal ref struct EvidenceReader(ReadOnlyMemory<byte> bytes)
{
    private const int MaxTrees = 2;

    private LineReader _lines = new(bytes.Span);
    private string _error = "";

    public bool TryRead([NotNullWhen(true)] out EvidenceFile? file, out string error)
    {
        file = Read();
        error = _error;
        return file is not null;
    }

    private EvidenceFile? Read()
    {
        var line = Next();
        if (!line.SequenceEqual(System.Text.Encoding.ASCII.GetBytes(EvidenceFile.Type))) return Failed(EvidenceFile.Type, line);
        line = Next();
        if (!LieKinds.TryParse(System.Text.Encoding.ASCII.GetString(line), out var kind)) return Failed("a kind of lie", line);
        line = Next();
        if (!Checkpoint.IsOrigin(line)) return Failed("the origin of a ledger", line);
        var origin = System.Text.Encoding.ASCII.GetString(line);
        var trees = ImmutableArray.CreateBuilder<EvidenceTree>(MaxTrees);
        while (trees.Count < MaxTrees && TryTake("tree "u8, out line))
        {
            if (ReadTree(line, origin) is not { } tree) return null;
            trees.Add(tree);
        }
        EvidenceRoot? root = null;
        if (TryTake("root "u8, out line))
        {
            if (!StrictBase64.TryDecode(line, out var hash)) return Failed("a root in base64", line);
            if (ReadHashes() is not { } proof) return null;
            root = new EvidenceRoot(hash, proof);
        }
        byte[]? document = [];
        if (TryTake("document "u8, out line))
        {
            document = StrictBase64.Decode(line);
            if (document is null or []) return Failed("a document in base64", line);
        }
        var wrap = default(EvidenceWrap);
        if (TryTake("content "u8, out line) && (wrap = ReadWrap(line)) is null) return null;
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
        var space = line.IndexOf((byte)' ');
        if (space < 0 || StrictBase64.Decode(line[..space]) is not { } note)
        {
            Failed("a note in base64 and a certificate", line);
            return null;
        }
        if (!SignedCheckpoint.TryParse(note, line[(space + 1)..], out var signed, out var error))
        {
            _error = error;
            return null;
        }
        if (signed.Checkpoint.Origin != origin)
        {
            _error = $"expected checkpoints of {origin}, got one of {signed.Checkpoint.Origin}";
            return null;
        }
        var leaves = ImmutableArray.CreateBuilder<EvidenceLeaf>();
        while (leaves.Count < 2 && TryTake("leaf "u8, out line))
        {
            if (ReadLeaf(line) is not { } leaf) return null;
            leaves.Add(leaf);
        }
        return new EvidenceTree(signed, leaves.DrainToImmutable());
    }

    private EvidenceLeaf? ReadLeaf(ReadOnlySpan<byte> line)
    {
        var space = line.IndexOf((byte)' ');
        if (space < 0
            || !StrictDecimal.TryParse(line[..space], MerkleHash.MaxSize - 1, out var index)
            || StrictBase64.Decode(line[(space + 1)..]) is not { Length: <= EntryBundle.MaxEntryBytes } entry)
        {
            Failed("an index and an entry in base64", line);
            return null;
        }
        return ReadHashes() is { } proof ? new EvidenceLeaf(index, entry, proof) : null;
    }

    private EvidenceWrap? ReadWrap(ReadOnlySpan<byte> line)
    {
        var content = StrictBase64.Decode(line);
        TryTake("wrap "u8, out line);
        var space = line.IndexOf((byte)' ');
        var keyId = space > 0 ? System.Text.Encoding.ASCII.GetString(line[..space]) : null;
        if (content is { Length: > 0 }
            && PublicJwk.IsKeyId(keyId, out _)
            && keyId is not null
            && StrictBase64.Decode(line[(space + 1)..]) is { } bytes
            && WrapProof.TryRead(bytes, out var proof))
        {
            return new EvidenceWrap(content, keyId, proof);
        }
        Failed("a content, and a key id with a proof in base64", line);
        return null;
    }

    private ImmutableArray<Digest>? ReadHashes()
    {
        var hashes = ImmutableArray.CreateBuilder<Digest>();
        while (true)
        {
            var ahead = _lines;
            // Whatever has a space in it is no hash, and begins what comes next.
            if (!ahead.TryNext(out var line) || line.Contains((byte)' ')) return hashes.DrainToImmutable();
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

    private bool TryTake(ReadOnlySpan<byte> word, out ReadOnlySpan<byte> rest)
    {
        var ahead = _lines;
        rest = default;
        if (!ahead.TryNext(out var line) || !line.StartsWith(word)) return false;
        rest = line[word.Length..];
        _lines = ahead;
        return true;
    }

    private ReadOnlySpan<byte> Next() => _lines.TryNext(out var line) ? line : default;

    private EvidenceFile? Failed(string expected, ReadOnlySpan<byte> came)
    {
        _error = $"expected {expected}, got {Excerpt.Of(came)}";
        return null;
    }
}
