using Relay.Core.Health;
using Relay.Core.Ledger.Reading;
using Relay.Core.Statistics;

namespace Relay.Functions.Reading;

/// <summary>Makes stats of what workers have counted and of ledgers' heads. Safe for concurrent use.</summary>
public sealed class StatsReader(
    TallyStore tallies, RecentHeads heads, WorkProgress progress, DependencyCircuit circuit) : IDisposable
{
    private const int MostNegotiations = 500;

    // One at a time reads what all negotiations have in common. Owns the fields below.
    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly HourTallies _hour = tallies.OfAll();
    private readonly Dictionary<string, NegotiationFlow> _flows = new(StringComparer.Ordinal);

    /// <summary>A negotiation's, to be read again and again.</summary>
    /// <param name="negotiation">A name that keeps the rule of names.</param>
    internal NegotiationWatch Watch(string negotiation) => new(negotiation, tallies.Of(negotiation), heads);

    /// <summary>A negotiation's.</summary>
    /// <param name="negotiation">A name that keeps the rule of names.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<NegotiationStats> ReadAsync(string negotiation, CancellationToken cancellationToken) =>
        (await Watch(negotiation).ReadAsync(cancellationToken))!;

    /// <summary>The relay's.</summary>
    public async ValueTask<RelayStats> ReadAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            await _hour.ReadAsync(cancellationToken);
            foreach (var name in _hour.TakeChanged())
            {
                if (_hour.Negotiations.TryGetValue(name, out var tally)) _flows[name] = StatsOfFlow.OfNegotiation(name, tally);
                else _flows.Remove(name);
            }

            return new RelayStats(
                _hour.At.ToUnixTimeMilliseconds(),
                _hour.IsWhole,
                _hour.Workers,
                new WorkerStats(
                    progress.UnderWay,
                    Math.Round(progress.Stalled.TotalSeconds, 1),
                    [.. circuit.Down.Select(down => down.Dependency.ToText())]),
                StatsOfFlow.Of(_hour.All),
                [.. _hour.Minutes.Select(minute => StatsOfFlow.PointOf(minute.From, minute.Tally))],
                [
                    .. _flows.Values
                        .OrderByDescending(static flow => flow.In + flow.Refused)
                        .ThenBy(static flow => flow.Negotiation, StringComparer.Ordinal)
                        .Take(MostNegotiations),
                ],
                Math.Max(0, _flows.Count - MostNegotiations));
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();
}
