using System.Collections.Immutable;
using Relay.Risk.Series;

namespace Relay.Risk.Results;

/// <summary>What an addressee said of envelopes.</summary>
public sealed record AnswerSignals
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Envelopes that it said it opened, in the window.</summary>
    public required int Opened { get; init; }

    /// <summary>Envelopes that it refused in the window, by reason.</summary>
    public required ImmutableArray<RefusalCount> Refused { get; init; }

    /// <summary>Seconds from an envelope's acceptance until its answer was logged, of the answers in the window.</summary>
    public required Spread? Latency { get; init; }

    /// <summary>Envelopes of the window that are addressed to it and have no answer.</summary>
    public required int Unanswered { get; init; }

    /// <summary>When the oldest of these was accepted.</summary>
    public required DateTimeOffset? UnansweredSince { get; init; }
}
