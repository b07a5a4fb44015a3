namespace Relay.Protocol.Signatures;

/// <summary>Why a signature does not verify under a key. Closed.</summary>
public enum SignatureFault
{
    /// <summary>It verifies.</summary>
    None,

    /// <summary>The header's <c>alg</c> is not one that the key fixes.</summary>
    AlgorithmMismatch,

    /// <summary>The signature is not as long as the algorithm and key make it.</summary>
    WrongLength,

    /// <summary>The signature is none of a batch, as the header's <c>alg</c> says: version, size, index, path or length.</summary>
    MalformedBatch,

    /// <summary>The signature is not by this key over these bytes.</summary>
    Invalid,
}
