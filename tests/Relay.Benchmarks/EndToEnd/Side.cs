using System.Globalization;
using Relay.Cli;

namespace Relay.Benchmarks.EndToEnd;

/// <summary>One of the two apps, and what its rounds came to.</summary>
internal sealed class Side(AppUnderLoad app, TimeProvider time)
{
    private readonly EnvelopeLoad _load = new(app.Bus, time);
    private ProcessorTimes _backlog;
    private ProcessorTimes _steady;
    private int _backlogCount;
    private int _steadyCount;

    public AppUnderLoad App => app;

    /// <summary>Envelopes/s of each backlog.</summary>
    public List<double> Rates { get; } = [];

    /// <summary>Of the steady rate.</summary>
    public List<TimeSpan> Latencies { get; } = [];

    /// <summary>The last round, to print.</summary>
    public string Last { get; private set; } = "";

    public string BacklogTimes => _backlog.Each(_backlogCount);

    public string SteadyTimes => _steady.Each(_steadyCount);

    /// <summary>Processor time of the worker beside another's.</summary>
    public string RatioOf(Side other) => string.Create(
        CultureInfo.InvariantCulture, $"worker {_backlog.Worker / _backlogCount / (other._backlog.Worker / other._backlogCount):0.00}");

    public async Task BacklogAsync(List<byte[]> envelopes, bool counts, CancellationToken cancellationToken)
    {
        var before = app.Used();
        var result = await _load.BacklogAsync(envelopes, cancellationToken);
        Last = string.Create(CultureInfo.InvariantCulture, $"{app.Name} {result.PerSecond:0}/s");
        if (!counts) return;
        Rates.Add(result.PerSecond);
        _backlog += app.Used() - before;
        _backlogCount += result.Count;
    }

    public async Task SteadyAsync(List<byte[]> envelopes, int perSecond, bool counts, CancellationToken cancellationToken)
    {
        var before = app.Used();
        var result = await _load.SteadyAsync(envelopes, perSecond, cancellationToken);
        Last += string.Create(CultureInfo.InvariantCulture, $", p99 {Percentile.Milliseconds(result.Latencies, 0.99):0} ms");
        if (!counts) return;
        Latencies.AddRange(result.Latencies);
        _steady += app.Used() - before;
        _steadyCount += result.Count;
    }
}
