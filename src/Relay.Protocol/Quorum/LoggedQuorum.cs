namespace Relay.Protocol.Quorum;

/// <summary>
/// What a ledger's entry is by its signatures: an honest relay logs those that counted, by mediator name, and no others. Closed.
/// </summary>
public enum LoggedQuorum
{
    /// <summary>Its signatures reach the quorum, each of them counts, and they are by mediator name.</summary>
    Holds,

    /// <summary>Nothing in it is wrong; a key that is not at hand, or was out of its time, may be what it lacks or may not.</summary>
    NotProved,

    /// <summary>The quorum is not reached whatever the keys that are not at hand say, or a signature does not count.</summary>
    Missed,

    /// <summary>Its signatures are not by mediator name.</summary>
    OutOfOrder,
}
