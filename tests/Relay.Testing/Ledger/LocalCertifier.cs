using Relay.Core.Ledger.Keys;
using Relay.Core.Verification;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;

namespace Relay.Testing.Ledger;

/// <summary>A vault key in memory that certifies checkpoint keys; tests switch it off and count its signatures.</summary>
public sealed class LocalCertifier : ICheckpointCertifier, IDisposable
{
    private readonly PrivateJwk _key;
    private readonly LocalSigner _signer;
    private readonly VerificationKey _public;

    /// <summary>With a key of its own.</summary>
    public LocalCertifier()
        : this(PrivateJwk.Generate(JwkKind.P256, "https://kv.vault.azure.net/keys/relay-checkpoint/0123456789abcdef0123456789abcdef"))
    {
    }

    /// <summary>With the private half of a vault's key, which is disposed with this.</summary>
    public LocalCertifier(PrivateJwk key)
    {
        _key = key;
        _signer = new LocalSigner(_key);
        Assert.True(VerificationKey.TryCreate(_key.Public, out var verifying, out var error), error);
        _public = verifying;
    }

    /// <summary>False: neither signs nor tells its public key.</summary>
    public bool IsAvailable { get; set; } = true;

    /// <summary>Signatures made so far.</summary>
    public int Signatures { get; private set; }

    /// <summary>The vault key's verifying half.</summary>
    public VerificationKey PublicKey => _public;

    /// <summary>Full key identifier.</summary>
    public string KeyId => _key.KeyId;

    /// <summary>The vault key of this identifier as a checker asks for it; null for another.</summary>
    public ValueTask<PublicJwk?> FindJwkAsync(string keyId, CancellationToken cancellationToken) =>
        new(keyId == _key.KeyId ? _key.Public : null);

    /// <inheritdoc/>
    public async ValueTask<CheckpointKeyCertificate?> CertifyAsync(
        string originPrefix, PublicJwk key, DateTimeOffset notBefore, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        if (!IsAvailable) return null;
        Signatures++;
        return await CheckpointKeyCertificate.SignAsync(
            originPrefix, key, notBefore, expiresAt, _signer, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<KeyLookup> FindAsync(KeyIdentifier key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!IsAvailable) return new(KeyStatus.Unavailable);
        return new(key.Text == _key.KeyId ? new KeyLookup(KeyStatus.Usable, _public) : KeyStatus.Unknown);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signer.Dispose();
        _public.Dispose();
        _key.Dispose();
    }
}
