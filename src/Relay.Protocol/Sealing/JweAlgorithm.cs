namespace Relay.Protocol.Sealing;

/// <summary>How a recipient gets the content key.</summary>
internal enum JweAlgorithm
{
    /// <summary>ECDH-ES: the agreed key is the content key; for one recipient alone.</summary>
    Direct,

    /// <summary>ECDH-ES+A256KW.</summary>
    Wrapped,

    /// <summary>HPKE-8-KE: encrypted to a hybrid key.</summary>
    Hybrid,
}
