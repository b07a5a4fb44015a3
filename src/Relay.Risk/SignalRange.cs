using System.Collections.Immutable;
using Relay.Protocol.Merkle;

namespace Relay.Risk;

/// <summary>
/// Which entries signals are computed from: the newest 4,096 to 4,351 of a tree, from the beginning of a bundle on. So what it costs is
/// bounded, and the size of the tree alone decides what is read.
/// </summary>
public static class SignalRange
{
    /// <summary>Fewest of the newest entries that are read, where there are as many: 4,096.</summary>
    public const int MinEntries = 4096;

    /// <summary>Index of the first entry that is read of a tree of this size.</summary>
    public static long From(long size) => size <= MinEntries ? 0 : (size - MinEntries) / TileId.FullWidth * TileId.FullWidth;

    /// <summary>The bundles of entries that are read of a tree of this size, in order; at most 17.</summary>
    public static ImmutableArray<TileId> Bundles(long size)
    {
        var bundles = ImmutableArray.CreateBuilder<TileId>();
        for (var index = From(size) / TileId.FullWidth; index * TileId.FullWidth < size; index++)
        {
            bundles.Add(TileId.Of(TileId.EntriesLevel, index, size));
        }
        return bundles.DrainToImmutable();
    }
}
