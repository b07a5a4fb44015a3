namespace Relay.Core.Forwarding;

/// <summary>What became of a message to a queue or topic; closed.</summary>
public enum SendOutcome
{
    /// <summary>The bus has it durably.</summary>
    Accepted,

    /// <summary>
    /// Not now, or no answer came, and then the bus may have it. Sending again is
    /// safe: topics know the message id again, queues may carry an envelope twice.
    /// </summary>
    Unavailable,

    /// <summary>It will never be taken, for instance because it is too large.</summary>
    Refused,
}
