using System.Diagnostics;
using System.Globalization;
using Azure.Messaging.ServiceBus;
using Relay.Checker;
using Relay.Core.Ledger.Store;
using Relay.Testing.Ledger;

namespace Relay.FaultTests;

/// <summary>
/// The function app under load, killed at random moments and started again. After each kill
/// an independent checker finds what is left of the ledger whole. In the end it does again,
/// every envelope that the bus accepted is in it exactly once and has reached its addressee,
/// every receipt that came along holds, and the heads seen after the kills are of one tree.
/// </summary>
/// <remarks>A few kills; as many as the environment variable RELAY_KILLS says for a long run.</remarks>
internal static class KillRun
{
    // At first, and at most while one app lives.
    private const int Burst = 9;
    private const int Most = 40;

    // Apps that live for a second fall behind for good otherwise: more than may be held waits, and is retried later and later.
    private const int MostWaiting = 150;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static int Kills =>
        int.TryParse(Environment.GetEnvironmentVariable("RELAY_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 3;

    public static async Task RunAsync(RelayInPieces relay, ILedgerStore store, string? temporary)
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var client = new ServiceBusClient(relay.Bus.ConnectionString);
        var load = new Load(relay, client.CreateSender("envelopes"), random);
        var arrived = new Arrivals(client);
        var keys = new RelayKeys(relay.Vault);
        var moment = new KillMoment(store, RelayInPieces.Negotiation, temporary, random);
        var judge = new KillJudge(store, keys.FindAsync, temporary);
        var (started, ready, judged) = (Stopwatch.GetTimestamp(), TimeSpan.Zero, TimeSpan.Zero);
        for (var kill = 1; kill <= Kills; kill++)
        {
            await moment.RememberAsync(Cancel);
            var starting = Stopwatch.GetTimestamp();
            await relay.StartAppAsync(Cancel);
            ready += Stopwatch.GetElapsedTime(starting);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            var (burst, most) = load.Accepted.Count - judge.Logged < MostWaiting ? (Burst, Most) : (0, 0);
            var sending = load.SendAsync(burst, most, enough.Token, Cancel);
            await moment.WaitAsync(Cancel);
            await relay.KillAppAsync(Cancel);
            await enough.CancelAsync();
            await sending;
            var judging = Stopwatch.GetTimestamp();
            await judge.JudgeAsync($"seed {seed}, kill {kill}", load.Accepted.Count, Cancel);
            judged += Stopwatch.GetElapsedTime(judging);
        }

        var cycles = Stopwatch.GetElapsedTime(started);
        await relay.StartAppAsync(Cancel);
        // What the killed ones released and did not forward comes with the timer function, which is every minute.
        var receiving = Stopwatch.GetTimestamp();
        await arrived.ReceiveAsync(load.Accepted.Keys.ToHashSet(), () => $"seed {seed}: {relay.Log}", Cancel);
        var received = Stopwatch.GetElapsedTime(receiving);
        await relay.KillAppAsync(Cancel);
        var report = Assert.Single((await new LedgerChecker(new StoreToCheck(store), keys.FindAsync).CheckAsync(null, Cancel)).Ledgers);
        Assert.True(report.IsClean, $"seed {seed}: " + string.Join('\n', report.Findings));
        // The checker has seen each sequence of each stream once and without a gap: as many as were accepted are those that were accepted.
        Assert.Equal(load.Accepted.Count, report.Envelopes);
        Assert.Equal(0, report.Held);
        var roots = await judge.VerifyRootsAsync(report.Size, Cancel);
        await arrived.VerifyAsync(load.Accepted, $"{RelayInPieces.RelayName}/{RelayInPieces.Negotiation}", keys.FindAsync, Cancel);
        TestContext.Current.SendDiagnosticMessage(
            "{0} kills of {1:0.00} s, {2:0.00} of them until ready, {3:0.00} the check; {4} envelopes, {5} arrivals within {6:0} "
                + "s, {7} entries, {8} roots of one tree, leftovers: {9}",
            Kills, cycles.TotalSeconds / Kills, ready.TotalSeconds / Kills, judged.TotalSeconds / Kills, load.Accepted.Count, arrived.Count,
            received.TotalSeconds, report.Size, roots, string.Join(", ", report.Leftovers));
        TestContext.Current.SendDiagnosticMessage(
            "killed at: {0}; found then: {1}",
            string.Join(", ", moment.Chosen.Select(chosen => $"{chosen.Key} {chosen.Value}")),
            judge.Summary);
    }
}
