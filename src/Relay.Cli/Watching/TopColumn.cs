namespace Relay.Cli.Watching;

/// <summary>What the list of <c>relay top</c> is sorted by. Closed.</summary>
internal enum TopColumn
{
    /// <summary>Name of the negotiation.</summary>
    Negotiation,

    /// <summary>Envelopes of the window.</summary>
    Sent,

    /// <summary>Without an answer.</summary>
    Unanswered,

    /// <summary>Suspicion of silence.</summary>
    Silence,

    /// <summary>Alarms.</summary>
    Alarms,

    /// <summary>Newest entry.</summary>
    Newest,
}
