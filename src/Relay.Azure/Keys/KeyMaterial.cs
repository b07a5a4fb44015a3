using Azure.Security.KeyVault.Keys;
using Relay.Core.Verification;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Azure.Keys;

/// <summary>The public key of one version, or why there is none.</summary>
internal sealed class KeyMaterial
{
    /// <summary>The vault listed the version and then did not have it: deleted in between.</summary>
    public static readonly KeyMaterial Gone = new(KeyStatus.Unknown, null, string.Empty);

    private KeyMaterial(KeyStatus status, VerificationKey? key, string problem)
    {
        Lookup = new KeyLookup(status, key);
        Problem = problem;
    }

    public KeyLookup Lookup { get; }

    /// <summary>What was expected and what came; empty unless the key is unsuitable.</summary>
    public string Problem { get; }

    /// <param name="key">As the vault gives it.</param>
    /// <param name="batchRoots">Batches to remember for it.</param>
    public static KeyMaterial Read(KeyVaultKey key, int batchRoots = VerificationKey.DefaultBatchRoots)
    {
        var jwk = key.Key;
        var members = new KeyMembers
        {
            Type = jwk.KeyType.ToString(),
            Curve = jwk.CurveName?.ToString(),
            X = jwk.X,
            Y = jwk.Y,
            Modulus = jwk.N,
            Exponent = jwk.E,
            Operations = [.. jwk.KeyOps.Select(operation => operation.ToString())],
        };
        return PublicJwk.TryCreate(members, null, out var read, out var error)
            && VerificationKey.TryCreate(read, batchRoots, out var verification, out error)
            ? new(KeyStatus.Usable, verification, string.Empty)
            : new(KeyStatus.Unsuitable, null, error);
    }
}
