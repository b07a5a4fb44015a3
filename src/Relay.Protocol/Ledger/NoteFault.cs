namespace Relay.Protocol.Ledger;

/// <summary>Why a note is not signed by a key. Closed.</summary>
public enum NoteFault
{
    /// <summary>It is signed by it.</summary>
    None,

    /// <summary>No signature line has the key's name and id.</summary>
    NotSigned,

    /// <summary>More than one signature line has the key's name and id.</summary>
    SignedTwice,

    /// <summary>The line with the key's name and id is no ECDSA signature of P-256 in DER.</summary>
    BadSignatureForm,

    /// <summary>The signature is not by this key over this text.</summary>
    BadSignature,
}
