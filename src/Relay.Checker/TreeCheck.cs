using System.Buffers.Binary;
using System.Globalization;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>
/// Rebuilds a ledger's tree from its entries and holds every tile and signed root against
/// that. Entries and hashes that contradict each other are judged by the hash above
/// them, so that one damaged blob is told from the whole ones around it.
/// </summary>
internal sealed class TreeCheck(CheckedLedger view, LedgerReport report, EntryCheck entries)
{
    private const int Width = 256;
    private const int Height = 8;

    private readonly TreeFold _fold = new();
    private readonly List<Digest?> _bundleRoots = [];
    private (long Index, List<Digest>? Hashes) _above = (-1, null);
    private bool _isComplete = true;

    /// <summary>Roots of the full subtrees, when every entry is known.</summary>
    public IEnumerable<Digest>? Roots => _isComplete ? _fold.Roots : null;

    /// <summary>Walks the whole tree.</summary>
    /// <param name="size">Entries in it.</param>
    /// <param name="signed">Sizes up to that with their signed roots and the blob that says so.</param>
    /// <param name="progress">Told of entries checked.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask RunAsync(
        long size, IReadOnlyList<(long Size, Digest Root, string Blob)> signed, Action<long> progress, CancellationToken cancellationToken)
    {
        CheckRoots(signed, 0, []);
        for (var bundle = 0L; bundle * Width < size; bundle++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var width = (int)Math.Min(Width, size - bundle * Width);
            var hashes = await CheckBundleAsync(bundle, width, size, signed, cancellationToken).ConfigureAwait(false);
            CheckRoots(signed, bundle * Width, hashes);
            if (width == Width)
            {
                var root = hashes is null ? await AboveAsync(bundle, size, cancellationToken).ConfigureAwait(false) : TreeFold.Of(hashes);
                _bundleRoots.Add(root);
                if (root is { } known) _fold.Add(known, Height);
                else _isComplete = false;
            }
            else if (hashes is not null)
            {
                foreach (var hash in hashes) _fold.Add(hash, 0);
            }
            else
            {
                _isComplete = false;
            }

            progress(Math.Min(size, (bundle + 1) * Width));
        }

        await CheckUpperTilesAsync(size, cancellationToken).ConfigureAwait(false);
    }

    private static string TilePath(string level, long index, int width)
    {
        var number = (index % 1000).ToString("000", CultureInfo.InvariantCulture);
        for (var rest = index / 1000; rest > 0; rest /= 1000)
        {
            number = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:000}/{number}");
        }
        return width == Width ? $"tile/{level}/{number}" : string.Create(CultureInfo.InvariantCulture, $"tile/{level}/{number}.p/{width}");
    }

    private static List<byte[]>? Split(ReadOnlySpan<byte> bundle, int width)
    {
        var entries = new List<byte[]>(width);
        while (entries.Count < width)
        {
            if (bundle.Length < 2 || bundle.Length - 2 < BinaryPrimitives.ReadUInt16BigEndian(bundle)) return null;
            var length = BinaryPrimitives.ReadUInt16BigEndian(bundle);
            entries.Add(bundle.Slice(2, length).ToArray());
            bundle = bundle[(2 + length)..];
        }

        return bundle.IsEmpty ? entries : null;
    }

    private static List<Digest>? Hashes(ReadOnlySpan<byte> tile, int width)
    {
        if (tile.Length != width * Digest.Size) return null;
        var hashes = new List<Digest>(width);
        for (var i = 0; i < width; i++) hashes.Add(new Digest(tile.Slice(i * Digest.Size, Digest.Size)));
        return hashes;
    }

    // The leaf hashes that the tree has here, by whatever of bundle, tile and the hash above them agrees; null when none can be told.
    private async ValueTask<List<Digest>?> CheckBundleAsync(
        long bundle, int width, long size, IReadOnlyList<(long Size, Digest Root, string Blob)> signed, CancellationToken cancellationToken)
    {
        var (first, last) = (bundle * Width, bundle * Width + width - 1);
        var entriesPath = TilePath("entries", bundle, width);
        var read = await view.ReadAsync(entriesPath, cancellationToken).ConfigureAwait(false);
        var texts = read.Problem is null ? Split(read.Content.Span, width) : null;
        var entriesProblem = read.Problem ?? (texts is null ? $"expected {width} entries with their lengths, got something else" : null);
        var leaves = texts?.ConvertAll(text => MerkleHash.Leaf(text));

        var tilePath = TilePath("0", bundle, width);
        var tile = await view.ReadAsync(tilePath, cancellationToken).ConfigureAwait(false);
        var stored = tile.Problem is null ? Hashes(tile.Content.Span, width) : null;
        var tileProblem = tile.Problem ?? (stored is null ? $"expected {width} hashes, got {tile.Content.Length} bytes" : null);

        var good = leaves ?? stored;
        if (leaves is not null && stored is not null && !leaves.SequenceEqual(stored))
        {
            good = await JudgeAsync(bundle, width, size, leaves, stored, signed, cancellationToken).ConfigureAwait(false);
            var at = Enumerable.Range(0, width).First(i => leaves[i] != stored[i]);
            if (ReferenceEquals(good, leaves)) tileProblem = $"expected the hash of entry {first + at}, got another";
            else entriesProblem = $"expected the entry {first + at} that its hash is of, got another";
        }

        if (entriesProblem is not null)
        {
            report.Add(new CheckFinding(CheckRule.Entries, entriesPath, entriesProblem, first + FirstWrong(leaves, good), last));
        }
        if (tileProblem is not null) report.Add(new CheckFinding(CheckRule.Tile, tilePath, tileProblem, first, last));
        for (var i = 0; i < width; i++)
        {
            if (texts is not null && good is not null && leaves![i] == good[i])
            {
                await entries.NextAsync(first + i, texts[i], entriesPath, cancellationToken).ConfigureAwait(false);
            }
            else entries.Skip(first + i);
        }

        return good;
    }

    private static int FirstWrong(List<Digest>? leaves, List<Digest>? good)
    {
        if (leaves is null || good is null) return 0;
        var at = leaves.Zip(good).TakeWhile(pair => pair.First == pair.Second).Count();
        return at == leaves.Count ? 0 : at;
    }

    // Entries and tile contradict each other: the hash above a full tile decides, a signed root over one at the edge.
    private async ValueTask<List<Digest>> JudgeAsync(
        long bundle,
        int width,
        long size,
        List<Digest> leaves,
        List<Digest> stored,
        IReadOnlyList<(long Size, Digest Root, string Blob)> signed,
        CancellationToken cancellationToken)
    {
        if (width == Width && await AboveAsync(bundle, size, cancellationToken).ConfigureAwait(false) is { } above)
        {
            if (TreeFold.Of(leaves) == above) return leaves;
            if (TreeFold.Of(stored) == above) return stored;
        }

        foreach (var (signedSize, root, _) in signed)
        {
            if (signedSize <= bundle * Width || signedSize > bundle * Width + width) continue;
            if (RootWith(leaves, (int)(signedSize - bundle * Width)) == root) return leaves;
            if (RootWith(stored, (int)(signedSize - bundle * Width)) == root) return stored;
        }

        return leaves;
    }

    private Digest RootWith(List<Digest> hashes, int count)
    {
        var fold = _fold.Clone();
        foreach (var hash in hashes.Take(count)) fold.Add(hash, 0);
        return fold.Root();
    }

    // What the level 1 tile says of a full bundle; null when it cannot be read. Not a verified hash: a third voice.
    private async ValueTask<Digest?> AboveAsync(long bundle, long size, CancellationToken cancellationToken)
    {
        var index = bundle / Width;
        if (_above.Index != index)
        {
            var width = (int)Math.Min(Width, size / Width - index * Width);
            var tile = await view.ReadAsync(TilePath("1", index, width), cancellationToken).ConfigureAwait(false);
            _above = (index, tile.Problem is null ? Hashes(tile.Content.Span, width) : null);
        }

        return _above.Hashes is { } hashes && bundle % Width < hashes.Count ? hashes[(int)(bundle % Width)] : null;
    }

    // Signed roots of sizes from this many entries on, up to as many more as
    // there are hashes; the last one exclusive unless the tree ends there.
    private void CheckRoots(IReadOnlyList<(long Size, Digest Root, string Blob)> signed, long first, List<Digest>? hashes)
    {
        var count = hashes?.Count ?? Width;
        foreach (var (size, root, blob) in signed)
        {
            if (size == 0 ? first > 0 || count > 0 : size <= first || size > first + count) continue;
            if (hashes is null || !_isComplete)
            {
                report.Add(
                    new CheckFinding(
                        CheckRule.Root,
                        blob,
                        $"expected all of {size} entries or their hashes, some are neither: the signed root cannot be held against them",
                        first,
                        size - 1));
            }
            else if (RootWith(hashes, (int)(size - first)) != root)
            {
                report.Add(
                    new CheckFinding(
                        CheckRule.Root, blob, $"expected entries with the signed root {root} at size {size}, got others", 0, size - 1));
            }
        }
    }

    private async ValueTask CheckUpperTilesAsync(long size, CancellationToken cancellationToken)
    {
        var hashes = _bundleRoots;
        for (var level = 1; hashes.Count > 0; level++)
        {
            var next = new List<Digest?>();
            for (var index = 0; index * Width < hashes.Count; index++)
            {
                var width = Math.Min(Width, hashes.Count - index * Width);
                var expected = hashes.GetRange(index * Width, width);
                var path = TilePath(level.ToString(CultureInfo.InvariantCulture), index, width);
                var tile = await view.ReadAsync(path, cancellationToken).ConfigureAwait(false);
                var stored = tile.Problem is null ? Hashes(tile.Content.Span, width) : null;
                var wrong = stored is null
                    ? 0
                    : Enumerable.Range(0, width).FirstOrDefault(i => expected[i] is { } hash && hash != stored[i], -1);
                if (wrong >= 0)
                {
                    var span = 1L << (level * Height);
                    var problem = tile.Problem
                        ?? (
                            stored is null
                                ? $"expected {width} hashes, got {tile.Content.Length} bytes"
                                : $"expected the hash of its subtree at place {wrong}, got another");
                    report.Add(
                        new CheckFinding(
                            CheckRule.Tile,
                            path,
                            problem,
                            (index * Width + wrong) * span,
                            Math.Min(size, (index * Width + width) * span) - 1));
                }

                if (width == Width)
                {
                    next.Add(expected.TrueForAll(hash => hash is not null) ? TreeFold.Of(expected.ConvertAll(hash => hash!.Value)) : null);
                }
            }

            hashes = next;
        }
    }
}
