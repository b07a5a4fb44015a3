using Relay.Protocol.Text;

namespace Relay.Protocol.Quorum;

/// <summary>One signature of an envelope and what came of it; the input of <see cref="QuorumRule.Evaluate"/>.</summary>
/// <param name="KeyId">The signature's <c>kid</c>.</param>
/// <param name="Mediator">Whose key it is; null when <see cref="SignatureOutcome.UnknownMediator"/>.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Thumbprint">
/// Thumbprint of the public key it verified under (<see cref="Signatures.VerificationKey.Thumbprint"/>):
/// one key counts once, whatever names it has. Null only where no key was read.
/// </param>
public readonly record struct SignatureFinding(string KeyId, string? Mediator, SignatureOutcome Outcome, Digest? Thumbprint = null);
