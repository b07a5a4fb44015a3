using System.Collections.Immutable;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Envelopes;

/// <summary>Signs many heads with one call of a signer on P-256, of which a vault takes a few hundred a second.</summary>
public static class HeadBatch
{
    /// <summary>Signs heads that have no signature yet.</summary>
    /// <inheritdoc cref="SignAsync(IReadOnlyList{SignedHead}, IJwsSigner, CancellationToken)"/>
    public static ValueTask<ImmutableArray<SignedHead>> SignAsync(
        IReadOnlyList<EnvelopeHead> heads, IJwsSigner signer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(heads);
        return SignAsync(heads.Select(head => new SignedHead(head, [])).ToList(), signer, cancellationToken);
    }

    /// <summary>
    /// Adds one signature to each. One head alone gets an ES256 signature, which any JOSE library verifies; more of them one of
    /// <see cref="JwsAlgorithm.MTES256"/> each.
    /// </summary>
    /// <param name="heads">1 to <see cref="BatchSignature.MaxLeaves"/>, of any negotiations: a path tells nothing of others.</param>
    /// <param name="signer">Signs with ES256; called once.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>In the same order.</returns>
    /// <exception cref="ArgumentException">
    /// No heads, too many, or a signer of another algorithm or without a full Key Vault key identifier.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// A head has 32 signatures already, or the signer's signature is not 64 bytes long.
    /// </exception>
    public static async ValueTask<ImmutableArray<SignedHead>> SignAsync(
        IReadOnlyList<SignedHead> heads, IJwsSigner signer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(heads);
        ArgumentNullException.ThrowIfNull(signer);
        RequireSigner(signer);
        if (heads.Count is 0 or > BatchSignature.MaxLeaves)
        {
            throw new ArgumentException($"Expected 1 to {BatchSignature.MaxLeaves} heads, got {heads.Count}.", nameof(heads));
        }
        foreach (var head in heads) head.RequireRoom();
        if (heads.Count == 1) return [await heads[0].SignAsync(signer, cancellationToken).ConfigureAwait(false)];
        var key = HeadSigning.KeyOf(signer);
        var header = HeadSigning.WriteHeader(JwsAlgorithm.MTES256, key);
        var payloads = heads.Select(head => head.PayloadText()).ToList();
        var batch = SignatureBatch.Create(
            [.. payloads.Select(payload => new Digest(HeadSigning.HashSigningInput(JwsAlgorithm.MTES256, header, payload)))]);
        var signature = await signer.SignAsync(batch.HashToSign(), cancellationToken).ConfigureAwait(false);
        if (signature.Length != BatchSignature.SignatureSize)
        {
            throw new InvalidOperationException(
                $"Expected a signature of {BatchSignature.SignatureSize} bytes from {key}, got {signature.Length}.");
        }
        var values = batch.ToValues(signature);
        return [.. heads.Select((head, i) => head.With(
            new EnvelopeSignature(key, JwsAlgorithm.MTES256, header, values[i]) { PayloadText = payloads[i] }))];
    }

    /// <summary>Refuses a signer that cannot sign a batch.</summary>
    /// <exception cref="ArgumentException">It signs with another algorithm, or has no full Key Vault key identifier.</exception>
    public static void RequireSigner(IJwsSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        if (signer.Algorithm != JwsAlgorithm.ES256)
        {
            throw new ArgumentException(
                $"Expected a signer on P-256, whose algorithm is ES256, for batches; {signer.KeyId} signs with {signer.Algorithm.Name()}.",
                nameof(signer));
        }
        HeadSigning.KeyOf(signer);
    }
}
