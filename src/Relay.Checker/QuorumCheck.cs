using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>Judges signed heads of entries by the documents that they name, which the ledger keeps.</summary>
/// <param name="view">Where the documents are.</param>
/// <param name="negotiation">The ledger.</param>
/// <param name="findKey">A mediator's vault key of an identifier with version; null takes signatures at their word.</param>
internal sealed class QuorumCheck(
    CheckedLedger view, string negotiation, Func<string, CancellationToken, ValueTask<PublicJwk?>>? findKey) : IDisposable
{
    private readonly Dictionary<Digest, (CheckedPolicy? Policy, string Problem)> _policies = [];
    private readonly Dictionary<string, VerificationKey?> _keys = [];

    /// <summary>The document of a digest, or what is wrong with it.</summary>
    public async ValueTask<(CheckedPolicy? Policy, string Problem)> FindPolicyAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (_policies.TryGetValue(digest, out var known)) return known;
        var read = await view.ReadAsync($"policy/{CheckText.Hex(digest)}", cancellationToken).ConfigureAwait(false);
        var problem = read.Problem;
        var policy = problem is null ? CheckedPolicy.Parse(read.Content, digest, negotiation, out problem) : null;
        return _policies[digest] = (policy, problem ?? "");
    }

    /// <summary>Null when the signatures reach the quorum, each by another mediator and in the order of their names.</summary>
    public async ValueTask<string?> JudgeAsync(CheckedSignedHead head, CancellationToken cancellationToken)
    {
        var (policy, _) = await FindPolicyAsync(head.Policy, cancellationToken).ConfigureAwait(false);
        // What is wrong with the document is told of its blob.
        if (policy is null) return null;
        var before = "";
        var weight = 0L;
        var thumbprints = new HashSet<Digest>();
        foreach (var signature in head.Signatures)
        {
            if (policy.Find(signature.KeyId) is not var (name, counts))
            {
                return $"expected signatures by mediators of {head.Id}'s document, got one by {signature.KeyId}";
            }
            if (string.CompareOrdinal(before, name) >= 0) return $"expected mediators of {head.Id} once each and by name, got {name}";
            before = name;
            weight += counts;
            if (findKey is null) continue;
            if (await FindKeyAsync(signature.KeyId, cancellationToken).ConfigureAwait(false) is not { } key)
            {
                return $"expected the public key {signature.KeyId} to be at hand, whether {head.Id} has its quorum cannot be told";
            }
            if (!JwsAlgorithms.TryParse(signature.Algorithm, out var algorithm)
                || key.Verify(algorithm, signature.Signed, signature.Value) != SignatureFault.None
                || !thumbprints.Add(key.Thumbprint))
            {
                return $"expected a signature of {name} over {head.Id}, got one that does not verify, or under a key that has signed it";
            }
        }

        return weight >= policy.Quorum ? null : $"expected weight {policy.Quorum} for {head.Id}, got {weight}";
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values) key?.Dispose();
    }

    private async ValueTask<VerificationKey?> FindKeyAsync(string keyId, CancellationToken cancellationToken)
    {
        if (_keys.TryGetValue(keyId, out var known)) return known;
        var jwk = await findKey!(keyId, cancellationToken).ConfigureAwait(false);
        VerificationKey? key = null;
        if (jwk is not null) VerificationKey.TryCreate(jwk, out key, out _);
        return _keys[keyId] = key;
    }
}
