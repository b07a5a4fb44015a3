namespace Relay.Protocol.Sealing;

/// <summary>What a shown secret makes of a content. Closed.</summary>
internal enum WrapFault
{
    /// <summary>It opens the content to the text that the content commits to: the sender did as it had to.</summary>
    None,

    /// <summary>The content is none of this format, of this envelope, or for this key.</summary>
    NotForKey,

    /// <summary>The secret is not shown to be the one shared with this key.</summary>
    BadProof,

    /// <summary>With the right secret it does not open, or opens to another text than it commits to.</summary>
    Wrong,
}
