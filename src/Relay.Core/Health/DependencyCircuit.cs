using System.Collections.Immutable;
using Relay.Core.Rulings;

namespace Relay.Core.Health;

/// <summary>
/// Which dependencies are down, by what probes found. While one is, the relay takes nothing over HTTP: it is read-only by itself. Safe for
/// concurrent use.
/// </summary>
/// <remarks>
/// Two failures one after another and it is down, so that a service that errs now and then closes nobody's door; one success and it is up.
/// What is on the queue is not held back here: each of its steps waits for itself.
/// </remarks>
public sealed class DependencyCircuit
{
    private const int FailuresOfAnOutage = 2;

    private readonly TimeProvider _time;

    // Guards _failures and _since. No await inside.
    private readonly Lock _gate = new();
    private readonly Dictionary<Dependency, int> _failures = [];
    private readonly SortedDictionary<Dependency, DateTimeOffset> _since = [];

    public DependencyCircuit(TimeProvider time) => _time = time;

    /// <summary>Those that are down, with the time since when; empty when all are up.</summary>
    public ImmutableArray<DownDependency> Down
    {
        get
        {
            lock (_gate)
            {
                return [.. _since.Select(down => new DownDependency(down.Key, down.Value))];
            }
        }
    }

    /// <summary>Is it known to be down?</summary>
    public bool IsDown(Dependency dependency)
    {
        lock (_gate)
        {
            return _since.ContainsKey(dependency);
        }
    }

    /// <summary>Takes what a probe found.</summary>
    /// <returns>True when that has changed whether it is down.</returns>
    public bool Note(Dependency dependency, bool works)
    {
        lock (_gate)
        {
            if (works)
            {
                _failures.Remove(dependency);
                return _since.Remove(dependency);
            }

            var failures = _failures.GetValueOrDefault(dependency) + 1;
            _failures[dependency] = failures;
            return failures >= FailuresOfAnOutage && _since.TryAdd(dependency, _time.GetUtcNow());
        }
    }

    /// <summary>May an envelope be taken over HTTP now?</summary>
    /// <returns>Null when it may, else why not.</returns>
    public Ruling? Check()
    {
        var down = Down;
        return down.IsEmpty
            ? null
            : new Ruling(
                Verdict.ReadOnly,
                ReasonCodes.ReadOnly,
                $"expected bus, ledger, vault and directory within reach, got {Names(down)} down");
    }

    private static string Names(ImmutableArray<DownDependency> down) => string.Join(", ", down.Select(one => one.Dependency.ToText()));
}

/// <summary>A dependency that is down.</summary>
/// <param name="Dependency">Which.</param>
/// <param name="Since">Since when it is known to be.</param>
public readonly record struct DownDependency(Dependency Dependency, DateTimeOffset Since);
