using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;

namespace Relay.Client.Keys;

/// <summary>Verifies mediators' signatures and weighs them, as the relay has to. Safe for concurrent use.</summary>
/// <param name="keys">Where mediators' public keys come from.</param>
public sealed class QuorumVerifier(IMediatorKeys keys)
{
    /// <summary>Judges signatures under a document.</summary>
    /// <param name="signatures">Over one head.</param>
    /// <param name="document">The negotiation, from a source that the caller trusts.</param>
    /// <param name="signedAt">When they were there, for keys that have ended since; null for now.</param>
    /// <param name="cancellationToken">Ends the look-ups.</param>
    public async ValueTask<QuorumResult> VerifyAsync(
        IReadOnlyList<EnvelopeSignature> signatures,
        NegotiationDocument document,
        DateTimeOffset? signedAt,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        ArgumentNullException.ThrowIfNull(document);
        var findings = new SignatureFinding[signatures.Count];
        for (var i = 0; i < findings.Length; i++)
        {
            findings[i] = await VerifyAsync(signatures[i], document, signedAt, cancellationToken).ConfigureAwait(false);
        }
        return document.Quorum.Evaluate(findings);
    }

    private async ValueTask<SignatureFinding> VerifyAsync(
        EnvelopeSignature signature, NegotiationDocument document, DateTimeOffset? signedAt, CancellationToken cancellationToken)
    {
        // The document is asked first: a key id from a peer never decides which vault is called.
        if (!document.TryFindMediator(signature.Key, out var mediator))
        {
            return new(signature.Key.Text, null, SignatureOutcome.UnknownMediator);
        }
        var found = await keys.FindAsync(signature.Key, signedAt, cancellationToken).ConfigureAwait(false);
        var outcome = found.Key is null ? found.Outcome : SignatureOutcomes.Of(signature.Verify(found.Key));
        return new(signature.Key.Text, mediator.Name, outcome, found.Key?.Thumbprint);
    }
}
