using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;

namespace Relay.Core.Verification;

/// <summary>Step 3: each signature with its mediator's key, in wire order, until the quorum is reached.</summary>
/// <remarks>
/// The key comes from the negotiation's document and the vault, never from the envelope; the envelope only says which version. Signatures
/// after the quorum are not looked at: they can add nothing, and skipping them is what makes three mediators cost as much as two.
/// </remarks>
internal sealed class SignatureVerifier(IPublicKeySource keys)
{
    public async ValueTask<QuorumResult> VerifyAsync(Envelope envelope, NegotiationDocument document, CancellationToken cancellationToken)
    {
        var signatures = envelope.Signatures;
        var findings = new SignatureFinding[signatures.Length];
        var count = 0;
        foreach (var signature in signatures)
        {
            findings[count++] = await JudgeAsync(signature, document, cancellationToken).ConfigureAwait(false);
            if (findings[count - 1].Outcome != SignatureOutcome.Valid || count == signatures.Length) continue;
            if (Weigh(findings.AsSpan(0, count), document) >= document.Quorum.Quorum) break;
        }

        return document.Quorum.Evaluate(findings.AsSpan(0, count));
    }

    private async ValueTask<SignatureFinding> JudgeAsync(
        EnvelopeSignature signature, NegotiationDocument document, CancellationToken cancellationToken)
    {
        var kid = signature.Key;
        if (!document.TryFindMediator(kid, out var mediator)) return new(kid.Text, null, SignatureOutcome.UnknownMediator);
        var lookup = await keys.FindAsync(kid, cancellationToken).ConfigureAwait(false);
        var outcome = lookup.Status switch
        {
            KeyStatus.Usable => SignatureOutcomes.Of(signature.Verify(lookup.Key!)),
            KeyStatus.Unknown => SignatureOutcome.UnknownKeyVersion,
            KeyStatus.Disabled or KeyStatus.Unsuitable => SignatureOutcome.KeyDisabled,
            KeyStatus.Unavailable => SignatureOutcome.KeyUnavailable,
        };
        return new(kid.Text, mediator.Name, outcome, lookup.Key?.Thumbprint);
    }

    // Weight of distinct mediators and keys with a valid signature so far, as the
    // quorum counts them; at most 32 signatures, so looking back beats a set.
    private static long Weigh(ReadOnlySpan<SignatureFinding> findings, NegotiationDocument document)
    {
        long weight = 0;
        for (var i = 0; i < findings.Length; i++)
        {
            if (findings[i].Outcome == SignatureOutcome.Valid && !CountedBefore(findings[..i], findings[i]))
            {
                weight += document.Mediators[findings[i].Mediator!].Weight;
            }
        }

        return weight;
    }

    private static bool CountedBefore(ReadOnlySpan<SignatureFinding> findings, in SignatureFinding next)
    {
        foreach (var finding in findings)
        {
            if (finding.Outcome == SignatureOutcome.Valid && (finding.Mediator == next.Mediator || finding.Thumbprint == next.Thumbprint))
            {
                return true;
            }
        }

        return false;
    }
}
