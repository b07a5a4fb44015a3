using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>Judges signed heads of entries by the documents that they name, which the ledger keeps.</summary>
/// <param name="view">Where the documents are.</param>
/// <param name="negotiation">The ledger.</param>
/// <param name="findKey">A mediator's key of an identifier with version, and its time; null takes signatures at their word.</param>
internal sealed class QuorumCheck(
    CheckedLedger view, string negotiation, Func<string, CancellationToken, ValueTask<DatedKey?>>? findKey) : IDisposable
{
    private readonly Dictionary<Digest, (CheckedPolicy? Policy, string Problem)> _policies = [];
    private readonly Dictionary<string, (VerificationKey Key, DatedKey Dated)?> _keys = [];

    /// <summary>The document of a digest, or what is wrong with it.</summary>
    public async ValueTask<(CheckedPolicy? Policy, string Problem)> FindPolicyAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (_policies.TryGetValue(digest, out var known)) return known;
        var read = await view.ReadAsync($"policy/{CheckText.Hex(digest)}", cancellationToken).ConfigureAwait(false);
        var problem = read.Problem;
        var policy = problem is null ? CheckedPolicy.Parse(read.Content, digest, negotiation, out problem) : null;
        return _policies[digest] = (policy, problem ?? "");
    }

    /// <summary>Whether the signatures reach the quorum, each by another mediator and in the order of their names.</summary>
    /// <param name="head">The head.</param>
    /// <param name="at">The entry's time, milliseconds since 1970: a version counts for what it signed in its time.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What is wrong, or what cannot be told; null when it holds.</returns>
    public async ValueTask<(string Problem, bool IsProved)?> JudgeAsync(
        CheckedSignedHead head, long at, CancellationToken cancellationToken)
    {
        var (policy, _) = await FindPolicyAsync(head.Policy, cancellationToken).ConfigureAwait(false);
        // What is wrong with the document is told of its blob.
        if (policy is null) return null;
        var (before, weight, open) = ("", 0L, 0L);
        string? untold = null;
        var thumbprints = new HashSet<Digest>();
        foreach (var signature in head.Signatures)
        {
            if (policy.Find(signature.KeyId) is not var (name, counts))
            {
                return ($"expected signatures by mediators of {head.Id}'s document, got one by {signature.KeyId}", true);
            }
            if (string.CompareOrdinal(before, name) >= 0)
            {
                return ($"expected mediators of {head.Id} once each and by name, got {name}", true);
            }
            before = name;
            if (findKey is null || await FindKeyAsync(signature.KeyId, cancellationToken).ConfigureAwait(false) is not { } found)
            {
                if (findKey is not null) untold ??= $"expected the public key {signature.KeyId} to be at hand";
                open += counts;
                continue;
            }
            if (!found.Dated.CountsAt(DateTimeOffset.FromUnixTimeMilliseconds(at)))
            {
                untold ??= $"expected {signature.KeyId} to have signed in its time, the entry is dated outside of it";
                open += counts;
                continue;
            }
            if (!JwsAlgorithms.TryParse(signature.Algorithm, out var algorithm)
                || found.Key.Verify(algorithm, signature.Signed, signature.Value) != SignatureFault.None
                || !thumbprints.Add(found.Key.Thumbprint))
            {
                return ($"expected a signature of {name} over {head.Id}, got one that does not verify, or by a key that has signed", true);
            }
            weight += counts;
        }

        // What cannot be told may be what the others lack; where even with it there is no quorum, nothing is left to tell.
        if (weight + open < policy.Quorum) return ($"expected weight {policy.Quorum} for {head.Id}, got {weight + open}", true);
        return untold is null ? null : ($"{untold}: whether {head.Id} has its quorum cannot be told", false);
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values) key?.Key.Dispose();
    }

    private async ValueTask<(VerificationKey Key, DatedKey Dated)?> FindKeyAsync(string keyId, CancellationToken cancellationToken)
    {
        if (_keys.TryGetValue(keyId, out var known)) return known;
        var found = await findKey!(keyId, cancellationToken).ConfigureAwait(false);
        return _keys[keyId] = found is not null && VerificationKey.TryCreate(found.Jwk, out var key, out _) ? (key, found) : null;
    }
}
