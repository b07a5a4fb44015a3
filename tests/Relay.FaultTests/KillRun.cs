using System.Diagnostics;
using Azure.Messaging.ServiceBus;
using Relay.Core.Ledger.Store;

namespace Relay.FaultTests;

/// <summary>
/// The function app under load, killed at random moments and started again. After each kill
/// an independent checker finds what is left of the ledger whole. In the end it does again,
/// every envelope that the bus accepted is in it exactly once and has reached its addressee,
/// every receipt that came along holds, and the heads seen after the kills are of one tree.
/// </summary>
/// <remarks><see cref="KillPlan"/> says how many kills.</remarks>
internal static class KillRun
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task RunAsync(RelayInPieces relay, ILedgerStore store, string? temporary)
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var client = new ServiceBusClient(relay.Bus.ConnectionString);
        var load = new Load(relay, client.CreateSender("envelopes"), random);
        var arrived = new Arrivals(client);
        var keys = new RelayKeys(relay.Vault);
        var moment = new KillMoment(store, RelayInPieces.Negotiation, temporary, random);
        var judge = new KillJudge(store, keys.FindAsync, keys.FindMediatorAsync, temporary);
        var (started, ready, judged) = (Stopwatch.GetTimestamp(), TimeSpan.Zero, TimeSpan.Zero);
        for (var kill = 1; kill <= KillPlan.Kills; kill++)
        {
            await moment.RememberAsync(Cancel);
            var starting = Stopwatch.GetTimestamp();
            await relay.StartAppAsync(Cancel);
            ready += Stopwatch.GetElapsedTime(starting);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            var (burst, most) = KillPlan.Envelopes(load.Accepted.Count - judge.Logged);
            var sending = load.SendAsync(burst, most, enough.Token, Cancel);
            await moment.WaitAsync(Cancel);
            await relay.KillAppAsync(Cancel);
            await enough.CancelAsync();
            await sending;
            var judging = Stopwatch.GetTimestamp();
            await judge.JudgeAsync($"seed {seed}, kill {kill}", load.Accepted.Count, Cancel);
            judged += Stopwatch.GetElapsedTime(judging);
        }

        var cycles = Stopwatch.GetElapsedTime(started).TotalSeconds / KillPlan.Kills;
        await relay.StartAppAsync(Cancel);
        // What the killed ones released and did not forward comes with the timer function, which is every minute.
        var receiving = Stopwatch.GetTimestamp();
        await arrived.ReceiveAsync(load.Accepted.Keys.ToHashSet(), () => $"seed {seed}: {relay.Log}", Cancel);
        var received = Stopwatch.GetElapsedTime(receiving);
        await relay.KillAppAsync(Cancel);
        var report = await KillVerdict.CheckAsync($"seed {seed}", store, keys, load, arrived, Cancel);
        var roots = await judge.VerifyRootsAsync(report.Size, Cancel);
        TestContext.Current.SendDiagnosticMessage(
            "{0} kills of {1:0.00} s, {2:0.00} of them until ready, {3:0.00} the check; {4} envelopes, {5} arrivals within {6:0} "
                + "s, {7} entries, {8} roots of one tree, leftovers: {9}",
            KillPlan.Kills, cycles, ready.TotalSeconds / KillPlan.Kills, judged.TotalSeconds / KillPlan.Kills, load.Accepted.Count,
            arrived.Count, received.TotalSeconds, report.Size, roots, string.Join(", ", report.Leftovers));
        TestContext.Current.SendDiagnosticMessage(
            "killed at: {0}; found then: {1}",
            string.Join(", ", moment.Chosen.Select(chosen => $"{chosen.Key} {chosen.Value}")),
            judge.Summary);
    }
}
