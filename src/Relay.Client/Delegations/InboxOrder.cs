namespace Relay.Client.Delegations;

/// <summary>How far an inbox goes to hand over each stream in its sender's order.</summary>
/// <param name="HoldFor">
/// How long an envelope that came early waits, locked, for those before it: zero to 30 s. Keep
/// it well below the subscription's lock duration (one minute). After it, the envelope is handed
/// over with <see cref="StreamContinuity.Gap"/>.
/// </param>
/// <param name="MaxHeld">Most envelopes held at once over all streams, 1 to
/// 1,024; when it is passed the one that waits longest is handed over.</param>
public sealed record InboxOrder(TimeSpan HoldFor, int MaxHeld)
{
    /// <summary>Longest wait: 30 s.</summary>
    public static TimeSpan MaxHoldFor { get; } = TimeSpan.FromSeconds(30);

    /// <summary>10 s, 256 envelopes.</summary>
    public static InboxOrder Default { get; } = new(TimeSpan.FromSeconds(10), 256);

    /// <summary>Hands everything over as it comes.</summary>
    public static InboxOrder AsItComes { get; } = new(TimeSpan.Zero, 1);
}
