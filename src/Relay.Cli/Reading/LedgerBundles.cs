using System.Collections.Immutable;
using Relay.Client.Ledger;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;

namespace Relay.Cli.Reading;

/// <summary>
/// A ledger's entries as the relay shows them, bundle by bundle; whether they are what it has signed is for whoever hashes them.
/// </summary>
internal static class LedgerBundles
{
    /// <summary>Reads one.</summary>
    /// <param name="log">The relay's log.</param>
    /// <param name="negotiation">Whose ledger.</param>
    /// <param name="tile">Which bundle.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="LedgerLogException">The log does not answer, or not so.</exception>
    /// <exception cref="CliFault">It is not there, or no bundle of that width.</exception>
    public static async Task<ImmutableArray<ReadOnlyMemory<byte>>> ReadAsync(
        HttpLedgerLog log, string negotiation, TileId tile, CancellationToken cancellationToken)
    {
        var bytes = await log.FindTileAsync(tile, cancellationToken) ?? throw Wrong(negotiation, $"does not show {tile.Path}");
        return EntryBundle.TryRead(bytes, tile.Width, out var entries, out var error)
            ? entries
            : throw Wrong(negotiation, $"shows a damaged {tile.Path}: {error}");
    }

    /// <summary>What is wrong with a ledger, and what to do about it.</summary>
    public static CliFault Wrong(string negotiation, string what) => new($"The ledger of {negotiation} {what}.", "Run 'relay audit'.");
}
