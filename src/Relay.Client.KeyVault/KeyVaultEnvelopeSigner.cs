using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Client.KeyVault;

/// <summary>
/// Signs with one version of a mediator's Key Vault key; the private key never leaves the vault. Safe for concurrent use.
/// </summary>
/// <remarks>One vault call per signature. The version is fixed at creation: after a rotation, create another.</remarks>
public sealed class KeyVaultEnvelopeSigner : IJwsSigner
{
    private readonly CryptographyClient _client;

    /// <summary>Takes a client for one version of a key.</summary>
    /// <param name="client">Signs with the same version as <paramref name="key"/>.</param>
    /// <param name="key">The key version; EC P-256, P-384, P-521 or RSA of 2048 bits or more.</param>
    /// <param name="rsaAlgorithm">PS256, PS384 or PS512 for an RSA key; an EC key fixes its own.</param>
    /// <exception cref="ArgumentException">The key is of another kind, its id has
    /// no version, or <paramref name="rsaAlgorithm"/> is not a PS one.</exception>
    public KeyVaultEnvelopeSigner(CryptographyClient client, KeyVaultKey key, JwsAlgorithm rsaAlgorithm = JwsAlgorithm.PS256)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(key);
        if (!KeyIdentifier.TryParse(key.Id?.AbsoluteUri, out var identifier))
        {
            throw new ArgumentException("Expected a key with its version in its id.", nameof(key));
        }
        if (rsaAlgorithm is not (JwsAlgorithm.PS256 or JwsAlgorithm.PS384 or JwsAlgorithm.PS512))
        {
            throw new ArgumentException($"Expected PS256, PS384 or PS512, got {rsaAlgorithm.Name()}.", nameof(rsaAlgorithm));
        }
        _client = client;
        KeyId = identifier.Text;
        Algorithm = VaultKeys.AlgorithmOf(key) ?? rsaAlgorithm;
    }

    /// <inheritdoc/>
    public string KeyId { get; }

    /// <inheritdoc/>
    public JwsAlgorithm Algorithm { get; }

    /// <summary>Reads the newest version of a key and signs with that one.</summary>
    /// <param name="vault">The mediator's vault.</param>
    /// <param name="keyName">Name of the key, for example <c>mediator-qatar</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="global::Azure.RequestFailedException">The vault refused; 404 when there is no such key.</exception>
    /// <exception cref="ArgumentException">The key is of a kind that does not sign envelopes.</exception>
    public static async Task<KeyVaultEnvelopeSigner> CreateAsync(KeyClient vault, string keyName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        ArgumentException.ThrowIfNullOrEmpty(keyName);
        KeyVaultKey key = await vault.GetKeyAsync(keyName, cancellationToken: cancellationToken).ConfigureAwait(false);
        return new KeyVaultEnvelopeSigner(vault.GetCryptographyClient(keyName, key.Properties.Version), key);
    }

    /// <inheritdoc/>
    /// <exception cref="global::Azure.RequestFailedException">The vault refused: 403 when
    /// the version is disabled or out of date, 429 when it is throttled.</exception>
    public async ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        var result = await _client.SignAsync(
            new SignatureAlgorithm(Algorithm.Name()), hash.ToArray(), cancellationToken).ConfigureAwait(false);
        return result.Signature;
    }

    /// <summary>The key id and nothing else.</summary>
    public override string ToString() => KeyId;
}
