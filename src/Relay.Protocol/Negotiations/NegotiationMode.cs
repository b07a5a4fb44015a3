namespace Relay.Protocol.Negotiations;

/// <summary>Whether a negotiation takes envelopes.</summary>
public enum NegotiationMode
{
    /// <summary>Takes envelopes; text <c>open</c>.</summary>
    Open,

    /// <summary>Takes none for now; text <c>read-only</c>.</summary>
    ReadOnly,

    /// <summary>Takes none any more; text <c>closed</c>.</summary>
    Closed,
}
