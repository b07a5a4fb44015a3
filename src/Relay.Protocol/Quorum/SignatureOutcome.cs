namespace Relay.Protocol.Quorum;

/// <summary>What came of looking up and verifying one signature. Closed; everything but <see cref="Valid"/> counts as absent.</summary>
public enum SignatureOutcome
{
    /// <summary>Verified under an enabled key of a mediator.</summary>
    Valid,

    /// <summary>No mediator of the negotiation has that key.</summary>
    UnknownMediator,

    /// <summary>The vault has no such version of the mediator's key.</summary>
    UnknownKeyVersion,

    /// <summary>The key version is disabled, not yet valid or expired.</summary>
    KeyDisabled,

    /// <summary>The key version was withdrawn as compromised, and this was signed after the time given with that, or now.</summary>
    KeyCompromised,

    /// <summary>The key could not be read at this time; trying again may help.</summary>
    KeyUnavailable,

    /// <summary>The header's algorithm is not the key's.</summary>
    AlgorithmMismatch,

    /// <summary>The signature does not verify.</summary>
    BadSignature,
}
