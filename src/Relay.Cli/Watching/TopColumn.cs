namespace Relay.Cli.Watching;

/// <summary>What the list of <c>relay top</c> is sorted by. Closed.</summary>
internal enum TopColumn
{
    /// <summary>Name of the negotiation.</summary>
    Negotiation,

    /// <summary>Envelopes that came in.</summary>
    In,

    /// <summary>Envelopes that had to wait for a gap.</summary>
    Held,

    /// <summary>Envelopes refused.</summary>
    Refused,

    /// <summary>Latency that 99 of a hundred keep.</summary>
    P99,

    /// <summary>Suspicion of silence.</summary>
    Silence,

    /// <summary>Alarms.</summary>
    Alarms,

    /// <summary>Newest entry.</summary>
    Newest,
}
