using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;

namespace Relay.Client.Keys;

/// <summary>What looking up a mediator's key gave.</summary>
/// <param name="Outcome">
/// <see cref="SignatureOutcome.Valid"/> when <paramref name="Key"/> may verify; else <see cref="SignatureOutcome.UnknownKeyVersion"/>,
/// <see cref="SignatureOutcome.KeyDisabled"/> or <see cref="SignatureOutcome.KeyUnavailable"/>.
/// </param>
/// <param name="Key">The key, owned by whoever found it; null unless valid.</param>
public readonly record struct MediatorKey(SignatureOutcome Outcome, VerificationKey? Key);
