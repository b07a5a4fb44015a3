using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Core.Diagnostics;

namespace Relay.Core.Health;

/// <summary>Probes each dependency for as long as the process runs, and tells the circuit.</summary>
/// <remarks>
/// Instrument <c>relay.dependency.down</c>, by <c>relay.dependency</c>: 1 while it is.
/// A probe that took much longer than its deadline says that this process stood still, and nothing of the service: it is not counted.
/// </remarks>
public sealed class DependencyWatch
{
    /// <summary>Longest wait for the first answer, which has connections and tokens to be had first: 30 s.</summary>
    public static readonly TimeSpan FirstTimeout = TimeSpan.FromSeconds(30);

    private readonly IEnumerable<IDependencyProbe> _probes;
    private readonly DependencyCircuit _circuit;
    private readonly HealthOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<DependencyWatch> _logger;

    public DependencyWatch(
        IEnumerable<IDependencyProbe> probes,
        DependencyCircuit circuit,
        IOptions<HealthOptions> options,
        TimeProvider time,
        IMeterFactory meters,
        ILogger<DependencyWatch> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(meters);
        _probes = probes;
        _circuit = circuit;
        _options = options.Value;
        _time = time;
        _logger = logger;
        meters.Create(RelayTelemetry.Name).CreateObservableGauge(
            "relay.dependency.down",
            () => Enum.GetValues<Dependency>().Select(dependency => new Measurement<int>(
                circuit.IsDown(dependency) ? 1 : 0, new KeyValuePair<string, object?>("relay.dependency", dependency.ToText()))),
            unit: "{dependency}",
            description: "1 while the dependency is down by this process's probes, else 0.");
    }

    /// <summary>Watches until the token ends it.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_probes.Select(probe => WatchAsync(probe, cancellationToken)));

    private async Task WatchAsync(IDependencyProbe probe, CancellationToken cancellationToken)
    {
        var hasAnswered = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            var timeout = hasAnswered ? _options.ProbeTimeout : FirstTimeout;
            var works = await ProbeAsync(probe, timeout, cancellationToken).ConfigureAwait(false);
            if (works is { } known)
            {
                hasAnswered |= known;
                if (_circuit.Note(probe.Dependency, known)) Tell(probe.Dependency, known);
            }

            var pause = Task.Delay(ProbeSchedule.PauseAfter(works, _options.ProbeEvery), _time, cancellationToken);
            await pause.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Null when nothing can be said.
    private async Task<bool?> ProbeAsync(IDependencyProbe probe, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var startedAt = _time.GetTimestamp();
        try
        {
            return await probe.ProbeAsync(linked.Token).AsTask().WaitAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            return cancellationToken.IsCancellationRequested ? null : ProbeSchedule.JudgeLate(_time.GetElapsedTime(startedAt), timeout);
        }
#pragma warning disable CA1031 // Whatever a probe did not expect, the dependency cannot be used; thrown on it would end the whole process.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // Told until the dependency counts as down: two lines an outage.
            if (_circuit.Down.All(down => down.Dependency != probe.Dependency)) HealthLog.ProbeThrew(_logger, e, probe.Dependency);
            return false;
        }
    }

    private void Tell(Dependency dependency, bool works)
    {
        if (works) HealthLog.DependencyBack(_logger, dependency);
        else HealthLog.DependencyDown(_logger, dependency);
    }
}
