namespace Relay.Client.Delegations;

/// <summary>How an envelope fits what has been seen of its stream. Closed.</summary>
public enum StreamContinuity
{
    /// <summary>The next one: its <c>prev</c> is the digest of the one before it, or it is the first.</summary>
    InOrder,

    /// <summary>The one before it has not been seen here: late, lost, or addressed to others.</summary>
    Gap,

    /// <summary>Seen before, same digest.</summary>
    Duplicate,

    /// <summary>Another envelope of this id has been seen: the sender said two things.</summary>
    Equivocation,

    /// <summary>It does not continue the envelope seen before it, or the one seen after it does not continue it.</summary>
    BrokenChain,
}
