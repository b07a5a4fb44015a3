using Relay.Checker;
using Relay.Cli.Targets;
using Relay.Core.Admission;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Testing.Ledger;

/// <summary>
/// Two workers that commit to one negotiation at the same moment, round after round: distinct
/// envelopes, the same one, two of one stream, two that contradict each other, and marks of
/// what is forwarded. Every outcome and receipt is judged, then the whole ledger by the checker, which shares no code with the commit.
/// </summary>
/// <param name="open">Opens a new and empty store, once for each worker; the same one twice where a store is used by one process.</param>
/// <param name="seed">Chooses what is raced; which worker wins is up to the machine.</param>
public sealed class LedgerRace(Func<(ILedgerStore First, ILedgerStore Second)> open, int seed)
{
    /// <summary>Rounds of one ledger: two entries each are fewer than may be outstanding.</summary>
    public const int RoundsALedger = 500;

    private const string RelayName = "relay.example";
    private const string Origin = $"{RelayName}/{RaceTraffic.Negotiation}";

    private readonly Random _random = new(seed);

    /// <summary>Races so many rounds, or as many as the time allows, and judges them.</summary>
    public async Task<RaceTally> RunAsync(int rounds, TimeSpan time, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var tally = RaceTally.None;
        while (tally.Rounds < rounds && TimeProvider.System.GetElapsedTime(started) < time)
        {
            tally += await RunLedgerAsync(Math.Min(RoundsALedger, rounds - tally.Rounds), cancellationToken);
        }

        return tally;
    }

    private async Task<RaceTally> RunLedgerAsync(int rounds, CancellationToken cancellationToken)
    {
        var (first, second) = open();
        using var certifier = new LocalCertifier();
        using var judge = new RaceJudge(Origin, certifier);
        var traffic = new RaceTraffic();
        var collided = 0;
        long lost = 0;
        var one = new RaceWorker(first, certifier, RelayName, RaceTraffic.Negotiation);
        await using (one.ConfigureAwait(false))
        {
            var other = new RaceWorker(second, certifier, RelayName, RaceTraffic.Negotiation);
            await using (other.ConfigureAwait(false))
            {
                for (var round = 0; round < rounds; round++)
                {
                    await RaceAsync(one, other, traffic, judge, cancellationToken);
                    var now = one.Store.Lost + other.Store.Lost;
                    if (now > lost) collided++;
                    lost = now;
                }
            }
        }

        var report = Assert.Single(
            (await new LedgerChecker(new StoreToCheck(first), certifier.FindJwkAsync, null).CheckAsync(null, cancellationToken)).Ledgers);
        Assert.True(report.IsClean, $"seed {seed}: {string.Join('\n', report.Findings)}");
        Assert.Equal((traffic.Count, judge.Evidence, 0), (report.Envelopes, report.Evidence, report.Held));
        // One of the policy.
        Assert.Equal(1 + traffic.Count + judge.Evidence, report.Size);
        await judge.VerifyRootsAsync(first, RaceTraffic.Negotiation, report.Size, cancellationToken);
        return new RaceTally(rounds, collided, lost, 1, report.Envelopes, report.Evidence, judge.Held, report.Size);
    }

    private async Task RaceAsync(
        RaceWorker one, RaceWorker other, RaceTraffic traffic, RaceJudge judge, CancellationToken cancellationToken)
    {
        if (_random.Next(2) == 0) (one, other) = (other, one);
        var sender = _random.Next(2);
        switch (_random.Next(10))
        {
            case < 5:
                {
                    var (mine, yours) = (traffic.Next(0), traffic.Next(1));
                    var (first, second) = await AtOnceAsync(one, mine, other, yours, cancellationToken);
                    judge.Logged(mine, first);
                    judge.Logged(yours, second);
                    break;
                }

            case 5 or 6:
                {
                    var envelope = traffic.Next(sender);
                    var (first, second) = await AtOnceAsync(one, envelope, other, envelope, cancellationToken);
                    judge.LoggedOnce(envelope, first, second);
                    break;
                }

            case 7:
                {
                    var (earlier, later) = (traffic.Next(sender), traffic.Next(sender));
                    var (first, second) = await AtOnceAsync(one, earlier, other, later, cancellationToken);
                    judge.Logged(earlier, first);
                    judge.LoggedOrHeld(later, second);
                    break;
                }

            default:
                {
                    var (truth, lie) = traffic.Twins(sender);
                    var (first, second) = await AtOnceAsync(one, truth, other, lie, cancellationToken);
                    traffic.Follow(sender, judge.OneOfTwo(truth, first, lie, second) ? truth : lie);
                    break;
                }
        }
    }

    private async Task<(CommitOutcome One, CommitOutcome Other)> AtOnceAsync(
        RaceWorker one, AdmittedEnvelope mine, RaceWorker other, AdmittedEnvelope yours, CancellationToken cancellationToken)
    {
        var marks = _random.Next(4) == 0;
        using var barrier = new Barrier(2);
        async Task<CommitOutcome> RunAsync(RaceWorker worker, AdmittedEnvelope envelope)
        {
            // Spins: the two leave it within a microsecond or so, when each has a processor.
            barrier.SignalAndWait(cancellationToken);
            if (marks) worker.Mark(RaceTraffic.Negotiation);
            var outcome = await worker.CommitAsync(envelope, cancellationToken);
            if (outcome.IsLogged) worker.Unmarked = outcome.Index;
            return outcome;
        }

        var outcomes = await Task.WhenAll(
            Task.Run(() => RunAsync(one, mine), cancellationToken), Task.Run(() => RunAsync(other, yours), cancellationToken));
        return (outcomes[0], outcomes[1]);
    }
}
