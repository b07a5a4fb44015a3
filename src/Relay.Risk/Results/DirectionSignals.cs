using Relay.Risk.Series;

namespace Relay.Risk.Results;

/// <summary>From one delegation to another.</summary>
public sealed record DirectionSignals
{
    /// <summary>Who sends.</summary>
    public required string From { get; init; }

    /// <summary>To whom.</summary>
    public required string To { get; init; }

    /// <summary>Envelopes in the window.</summary>
    public required int Envelopes { get; init; }

    /// <summary>Envelopes a second of the window.</summary>
    public required double Rate { get; init; }

    /// <summary>(this way - other way) / (this way + other way): 1 when only this one speaks, -1 when only the other does.</summary>
    public required double? Balance { get; init; }

    /// <summary>
    /// Seconds that the addressee took to reply: from the first envelope this way that it had not replied to until its next envelope the
    /// other way, of the replies in the window.
    /// </summary>
    public required Spread? ReplyLatency { get; init; }

    /// <summary>Since when it owes a reply; null when it owes none.</summary>
    public required DateTimeOffset? WaitingSince { get; init; }
}
