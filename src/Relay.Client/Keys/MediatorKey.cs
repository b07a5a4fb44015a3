using Relay.Protocol.Keys;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;

namespace Relay.Client.Keys;

/// <summary>What looking up a mediator's key gave.</summary>
/// <param name="Outcome">
/// <see cref="SignatureOutcome.Valid"/> when <paramref name="Key"/> may verify; else <see cref="SignatureOutcome.UnknownKeyVersion"/>,
/// <see cref="SignatureOutcome.KeyDisabled"/>, <see cref="SignatureOutcome.KeyCompromised"/> or
/// <see cref="SignatureOutcome.KeyUnavailable"/>.
/// </param>
/// <param name="Key">The key, owned by whoever found it; null unless valid.</param>
/// <param name="CompromisedSince">
/// When the version was withdrawn as compromised: from when on. It may still be <see cref="SignatureOutcome.Valid"/> for what a ledger
/// shows to be older; what bears only a time that its signer wrote is for the caller to refuse.
/// </param>
public readonly record struct MediatorKey(SignatureOutcome Outcome, VerificationKey? Key, DateTimeOffset? CompromisedSince = null)
{
    /// <summary>What a key version of this standing is good for.</summary>
    /// <param name="key">The version's public half, owned by whoever found it.</param>
    /// <param name="validity">Its standing.</param>
    /// <param name="signedAt">When it signed what it is looked up for, null for now.</param>
    /// <param name="now">The clock's time.</param>
    public static MediatorKey Judge(VerificationKey key, KeyValidity validity, DateTimeOffset? signedAt, DateTimeOffset now)
    {
        var covers = signedAt is { } moment ? validity.CoveredSigning(moment) : validity.Covers(now);
        if (covers) return new(SignatureOutcome.Valid, key, validity.CompromisedSince);
        var compromised = validity.CompromisedSince is { } since && (signedAt is null || signedAt >= since);
        return new(compromised ? SignatureOutcome.KeyCompromised : SignatureOutcome.KeyDisabled, null, validity.CompromisedSince);
    }
}
