using Relay.Checker;
using Relay.Cli.Targets;
using Relay.Core.Ledger.Store;

namespace Relay.FaultTests;

/// <summary>What holds at the end of every run of kills, by the word of a checker that shares no code with the relay's ledger.</summary>
internal static class KillVerdict
{
    /// <summary>The one ledger is whole and has exactly what the bus accepted; it arrived, and its receipts hold.</summary>
    /// <returns>What the checker found, for what else a run asks of it.</returns>
    public static async Task<LedgerReport> CheckAsync(
        string seed, ILedgerStore store, RelayKeys keys, Load load, Arrivals arrived, CancellationToken cancellationToken)
    {
        var checker = new LedgerChecker(new StoreToCheck(store), keys.FindAsync, keys.FindMediatorAsync);
        var report = Assert.Single((await checker.CheckAsync(null, cancellationToken)).Ledgers);
        Assert.True(report.IsProved, $"{seed}: " + string.Join('\n', report.Findings.Concat(report.Unproved)));
        // The checker has seen each sequence of each stream once and without a gap: as many as were accepted are those that were accepted.
        Assert.Equal(load.Accepted.Count, report.Envelopes);
        Assert.Equal(0, report.Held);
        var log = $"{RelayInPieces.RelayName}/{RelayInPieces.Negotiation}";
        await arrived.VerifyAsync(load.Accepted, log, keys.FindAsync, cancellationToken);
        return report;
    }
}
