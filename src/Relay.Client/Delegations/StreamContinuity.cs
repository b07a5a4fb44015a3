namespace Relay.Client.Delegations;

/// <summary>How an envelope fits what has been seen of its stream. Closed.</summary>
public enum StreamContinuity
{
    /// <summary>The next one: its <c>prev</c> is the digest of the one before it, or it is the first.</summary>
    InOrder,

    /// <summary>The one before it has not been seen here: late, lost, or addressed to others.</summary>
    Gap,

    /// <summary>It came after its stream had gone on without it.</summary>
    Late,

    /// <summary>Seen before, same digest.</summary>
    Duplicate,

    /// <summary>Another envelope of this id has been seen.</summary>
    Equivocation,

    /// <summary>It does not continue the envelope seen before it, or the one seen after it does not continue it.</summary>
    BrokenChain,

    /// <summary>Seen before, same digest, at another index of the ledger.</summary>
    LoggedTwice,

    /// <summary>Its place in the ledger is before that of an envelope with a lower sequence, or after that of one with a higher.</summary>
    OutOfOrder,

    /// <summary>Older than what is remembered of the stream: whether it is new cannot be told.</summary>
    TooOld,
}
