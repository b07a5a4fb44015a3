using System.Collections.Immutable;
using System.Globalization;
using Relay.Protocol.Text;

namespace Relay.Protocol.Merkle;

/// <summary>
/// Name of one tile of a tree: 1 to 256 neighbouring hashes of a level that is a multiple of 8, or the entries under a level 0 tile.
/// </summary>
/// <param name="Level">0 to 63; <see cref="EntriesLevel"/> for a bundle of entries.</param>
/// <param name="Index">Place from the left within the level, from 0.</param>
/// <param name="Width">Hashes or entries in it: 256 when full, 1 to 255 at the right edge.</param>
/// <remarks>C2SP tlog-tiles, sections "Merkle Tree" and "Log entries".</remarks>
public readonly record struct TileId(int Level, long Index, int Width)
{
    /// <summary>Levels of the tree that one tile spans: 8.</summary>
    public const int Height = 8;

    /// <summary>Width of a full tile: 256.</summary>
    public const int FullWidth = 256;

    /// <summary>Level of a bundle of entries: -1.</summary>
    public const int EntriesLevel = -1;

    private const int MaxLevel = 63;
    private const int MaxPathLength = 64;

    /// <summary>True when nothing can be added to it.</summary>
    public bool IsFull => Width == FullWidth;

    /// <summary>
    /// <c>tile/{level}/{index}</c> or <c>tile/entries/{index}</c>, then <c>.p/{width}</c>
    /// unless full; the index in groups of three digits, <c>x</c> before all but the last.
    /// </summary>
    public string Path
    {
        get
        {
            var number = (Index % 1000).ToString("000", CultureInfo.InvariantCulture);
            for (var rest = Index / 1000; rest > 0; rest /= 1000)
            {
                number = string.Create(CultureInfo.InvariantCulture, $"x{rest % 1000:000}/{number}");
            }
            var level = Level == EntriesLevel ? "entries" : Level.ToString(CultureInfo.InvariantCulture);
            return IsFull ? $"tile/{level}/{number}" : string.Create(CultureInfo.InvariantCulture, $"tile/{level}/{number}.p/{Width}");
        }
    }

    /// <summary>The tile at this place as it is in a tree of <paramref name="size"/> entries.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such tile.</exception>
    public static TileId Of(int level, long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, EntriesLevel);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var hashes = Hashes(level, size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, (hashes - 1) >> Height);
        return new TileId(level, index, (int)Math.Min(FullWidth, hashes - (index << Height)));
    }

    /// <summary>Reads a path; false unless it is the one path of a tile.</summary>
    /// <param name="path">For example <c>tile/0/x001/x234/067.p/8</c>; without a leading slash.</param>
    /// <param name="tile">The tile when true.</param>
    public static bool TryParse(ReadOnlySpan<char> path, out TileId tile)
    {
        tile = default;
        if (path.Length > MaxPathLength || !path.StartsWith("tile/")) return false;
        var rest = path["tile/".Length..];
        var slash = rest.IndexOf('/');
        if (slash < 0) return false;
        var level = (long)EntriesLevel;
        if (rest[..slash] is not "entries" && !TryNumber(rest[..slash], MaxLevel, out level)) return false;
        rest = rest[(slash + 1)..];
        var width = (long)FullWidth;
        var partial = rest.IndexOf(".p/");
        if (partial >= 0)
        {
            if (!TryNumber(rest[(partial + 3)..], FullWidth - 1, out width) || width == 0) return false;
            rest = rest[..partial];
        }
        var index = 0L;
        foreach (var c in rest)
        {
            if (c is 'x' or '/') continue;
            if (c is < '0' or > '9' || index > MerkleHash.MaxSize) return false;
            index = index * 10 + (c - '0');
        }
        if (index > MerkleHash.MaxSize) return false;
        var read = new TileId((int)level, index, (int)width);
        // Every slip in grouping, padding or 'x' shows as another text than the one this tile has.
        if (!path.SequenceEqual(read.Path)) return false;
        tile = read;
        return true;
    }

    /// <summary>
    /// Tiles and bundles that differ between a tree of <paramref name="from"/>
    /// entries and its extension to <paramref name="to"/>: what a commit writes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 &lt;= from &lt;= to &lt;= <see cref="MerkleHash.MaxSize"/>.</exception>
    public static ImmutableArray<TileId> Added(long from, long to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, to);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, MerkleHash.MaxSize);
        var tiles = ImmutableArray.CreateBuilder<TileId>();
        for (var level = EntriesLevel; Hashes(level, to) > 0; level++)
        {
            var old = Hashes(level, from);
            var now = Hashes(level, to);
            if (old == now) continue;
            for (var index = old >> Height; index <= (now - 1) >> Height; index++)
            {
                tiles.Add(Of(level, index, to));
            }
        }
        return tiles.DrainToImmutable();
    }

    /// <summary><see cref="Path"/>.</summary>
    public override string ToString() => Path;

    // Hashes of this tile level in a tree of that size: floor(size / 256^level).
    private static long Hashes(int level, long size) => level * Height is var shift && shift > 62 ? 0 : size >> Math.Max(0, shift);

    private static bool TryNumber(ReadOnlySpan<char> text, long max, out long value)
    {
        value = 0;
        Span<byte> ascii = stackalloc byte[4];
        return text.Length <= ascii.Length
            && System.Text.Ascii.FromUtf16(text, ascii, out var written) == System.Buffers.OperationStatus.Done
            && StrictDecimal.TryParse(ascii[..written], max, out value);
    }
}
