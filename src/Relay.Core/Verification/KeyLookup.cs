using Relay.Protocol.Signatures;

namespace Relay.Core.Verification;

/// <summary>Whether a key version verifies now; closed.</summary>
public enum KeyStatus
{
    /// <summary>Enabled and in date; <see cref="KeyLookup.Key"/> is set.</summary>
    Usable,

    /// <summary>The key has no such version.</summary>
    Unknown,

    /// <summary>The version is switched off, or its validity has not begun or has ended.</summary>
    Disabled,

    /// <summary>The version is of a kind or size that signs no envelopes, or may not verify.</summary>
    Unsuitable,

    /// <summary>The key cannot be read now.</summary>
    Unavailable,
}

/// <summary>Answer of a <see cref="IPublicKeySource"/>.</summary>
/// <param name="Status">Whether the version may be used.</param>
/// <param name="Key">Set exactly when usable; owned by the source, valid until the source is disposed.</param>
public readonly record struct KeyLookup(KeyStatus Status, VerificationKey? Key)
{
    /// <summary>A version that may not be used.</summary>
    public static implicit operator KeyLookup(KeyStatus status) => new(status, null);
}
