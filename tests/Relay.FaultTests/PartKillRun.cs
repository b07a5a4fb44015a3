using System.Globalization;
using Azure.Messaging.ServiceBus;
using Relay.Azure.Ledger;
using Relay.Core.Ledger.Store;

namespace Relay.FaultTests;

/// <summary>
/// One of the function app's two processes killed again and again while envelopes come. In the
/// end every envelope that the bus accepted is in the ledger, exactly once, has reached its
/// addressee, and its receipt holds.
/// </summary>
/// <remarks><see cref="KillPlan"/> says how many kills.</remarks>
internal sealed class PartKillRun
{
    private readonly RelayInPieces _relay;
    private readonly ILedgerStore _store;
    private readonly RelayKeys _keys;
    private readonly List<TimeSpan> _times = [];

    private PartKillRun(RelayInPieces relay, ILedgerStore store)
    {
        _relay = relay;
        _store = store;
        _keys = new RelayKeys(relay.Vault);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="what">What <paramref name="killAsync"/> takes the time of.</param>
    /// <param name="killAsync">Kills, and returns when what must happen then has happened, with the time it took.</param>
    public static async Task RunAsync(string what, Func<RelayInPieces, Task<TimeSpan>> killAsync)
    {
        await using var relay = await RelayInPieces.StartAsync(null, "", Cancel);
        Directory.CreateDirectory(relay.LedgerFolder);
        await new PartKillRun(relay, LedgerStores.ReadFolder(relay.LedgerFolder)).RunOverAsync(what, killAsync);
    }

    private async Task RunOverAsync(string what, Func<RelayInPieces, Task<TimeSpan>> killAsync)
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var client = new ServiceBusClient(_relay.Bus.ConnectionString);
        var load = new Load(_relay, client.CreateSender("envelopes"), random);
        var moment = new KillMoment(_store, RelayInPieces.Negotiation, null, random);
        await _relay.StartAppAsync(Cancel);
        for (var kill = 1; kill <= KillPlan.Kills; kill++)
        {
            await moment.RememberAsync(Cancel);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            var (burst, most) = KillPlan.Envelopes(Waiting());
            var sending = load.SendAsync(burst, most, enough.Token, Cancel);
            await moment.WaitAsync(Cancel);
            _times.Add(await killAsync(_relay));
            await enough.CancelAsync();
            await sending;
        }

        var (logged, arrived) = await JudgeAsync($"seed {seed}", client, load);
        TestContext.Current.SendDiagnosticMessage(
            "{0} kills, {1}: {2}; {3} envelopes accepted, {4} in the ledger, {5} arrivals",
            KillPlan.Kills,
            what,
            Spread(),
            load.Accepted.Count,
            logged,
            arrived);
    }

    private async Task<(long Logged, int Arrived)> JudgeAsync(string seed, ServiceBusClient client, Load load)
    {
        var arrived = new Arrivals(client);
        await arrived.ReceiveAsync(load.Accepted.Keys.ToHashSet(), () => $"{seed}: {_relay.Log}", Cancel);
        await _relay.KillAppAsync(Cancel);
        var report = await KillVerdict.CheckAsync(seed, _store, _keys, load, arrived, Cancel);
        Assert.Equal(0, report.Evidence);
        return (report.Envelopes, arrived.Count);
    }

    // Of the queue: what the ledger lacks is there, or held in the ledger.
    private long Waiting() => _relay.Bus.Snapshot().Entities.Single(entity => entity.Path == "envelopes").Active;

    private string Spread()
    {
        var sorted = _times.Select(time => time.TotalSeconds).Order().ToList();
        return string.Create(
            CultureInfo.InvariantCulture, $"min {sorted[0]:0.00}, median {sorted[sorted.Count / 2]:0.00}, max {sorted[^1]:0.00} s");
    }
}
