namespace Relay.Protocol.Envelopes;

/// <summary>
/// Application properties of a forwarded message. Conveniences: all but the
/// receipt stands in the envelope too, and only what is signed there counts.
/// </summary>
public static class ForwardedProperties
{
    /// <summary>The envelope id, a string.</summary>
    public const string Id = "relay-id";

    /// <summary><c>normal</c> or <c>urgent</c>.</summary>
    public const string Lane = "relay-lane";

    /// <summary>The ledger index, a long.</summary>
    public const string Index = "relay-index";

    /// <summary>The receipt, tlog-proof text.</summary>
    public const string Receipt = "relay-receipt";
}
