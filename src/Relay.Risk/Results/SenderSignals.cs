using System.Collections.Immutable;
using Relay.Risk.Series;

namespace Relay.Risk.Results;

/// <summary>How a delegation sends.</summary>
public sealed record SenderSignals
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Envelopes in the window, both lanes.</summary>
    public required int Envelopes { get; init; }

    /// <summary>Those of the urgent lane among them.</summary>
    public required int Urgent { get; init; }

    /// <summary>Envelopes a second of the window.</summary>
    public required double Rate { get; init; }

    /// <summary>When its newest envelope was accepted, in the window or before.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>Burstiness of the gaps in the window, -1 to 1.</summary>
    public required double? Burstiness { get; init; }

    /// <summary>The same, corrected for how few there are.</summary>
    public required double? BurstinessOfFew { get; init; }

    /// <summary>Volatility of all gaps that were read, from 0.</summary>
    public required double? Volatility { get; init; }

    /// <summary>Phi of the silence since <see cref="LastAt"/>, 0 to 100.</summary>
    public required double? SilenceSuspicion { get; init; }

    /// <summary>
    /// Seconds from when each envelope of the window was due until it was accepted: signing, the queue, and waiting for earlier ones.
    /// </summary>
    public required Spread? Delay { get; init; }

    /// <summary>How near the alarm for longer gaps is, 0 to 1.</summary>
    public required double Slower { get; init; }

    /// <summary>How near the alarm for shorter gaps is, 0 to 1.</summary>
    public required double Faster { get; init; }

    /// <summary>
    /// Stretches of even pace among all gaps that were read, oldest first, the newest 16. An explanation: they move with what comes.
    /// </summary>
    public required ImmutableArray<PaceSegment> Segments { get; init; }
}
