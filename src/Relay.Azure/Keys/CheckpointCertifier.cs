using Azure;
using Azure.Core;
using Azure.Security.KeyVault.Keys;
using Azure.Security.KeyVault.Keys.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Azure.Diagnostics;
using Relay.Core.Caching;
using Relay.Core.Ledger.Keys;
using Relay.Core.Verification;
using Relay.Protocol.Keys;
using Relay.Protocol.Ledger;
using Relay.Protocol.Signatures;

namespace Relay.Azure.Keys;

/// <summary>
/// The relay's own key in Key Vault, which certifies checkpoint keys. Signs with the newest version, knows every version. Thread-safe.
/// </summary>
internal sealed class CheckpointCertifier : ICheckpointCertifier, IAsyncDisposable
{
    private static readonly TimeSpan FoundAge = TimeSpan.FromDays(1);

    private readonly KeyClient _vault;
    private readonly Func<KeyVaultKey, CryptographyClient> _createClient;
    private readonly CheckpointKeyOptions _options;
    private readonly ILogger<CheckpointCertifier> _logger;
    private readonly Outages _outages = new();

    // A version's public key never changes; that a version does not exist may.
    private readonly BoundedAgeCache<KeyIdentifier, KeyMaterial> _materials;

    public CheckpointCertifier(
        KeyClient vault,
        Func<KeyVaultKey, CryptographyClient> createClient,
        IOptions<CheckpointKeyOptions> options,
        TimeProvider time,
        ILogger<CheckpointCertifier> logger)
    {
        _vault = vault;
        _createClient = createClient;
        _options = options.Value;
        _logger = logger;
        _materials = new BoundedAgeCache<KeyIdentifier, KeyMaterial>(new BoundedAgeCacheOptions(), FetchAsync, time);
    }

    /// <inheritdoc/>
    public async ValueTask<CheckpointKeyCertificate?> CertifyAsync(
        string originPrefix, PublicJwk key, DateTimeOffset notBefore, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        try
        {
            KeyVaultKey vaultKey = await _vault.GetKeyAsync(_options.KeyName, cancellationToken: cancellationToken).ConfigureAwait(false);
            var signer = new VaultSigner(vaultKey, _createClient(vaultKey));
            var certificate = await CheckpointKeyCertificate.SignAsync(
                originPrefix, key, notBefore, expiresAt, signer, cancellationToken).ConfigureAwait(false);
            if (_outages.End(_options.KeyName)) AzureLog.KeyReadable(_logger, _options.KeyName);
            return certificate;
        }
        catch (Exception e) when (ServiceFailure.Is(e) || e is ArgumentException)
        {
            Report(e);
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<KeyLookup> FindAsync(KeyIdentifier key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        // Any other key of any other vault could be anybody's.
        if (!KeyIdentifier.TextComparer.Equals(key.Name, _options.KeyName) || new Uri(key.Vault) != new Uri(_vault.VaultUri, "/"))
        {
            return KeyStatus.Unknown;
        }
        var material = await _materials.GetAsync(key, cancellationToken).ConfigureAwait(false);
        return material?.Lookup ?? KeyStatus.Unavailable;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _materials.DisposeAsync();

    private async ValueTask<Loaded<KeyMaterial>?> FetchAsync(KeyIdentifier key, KeyMaterial? held, CancellationToken cancellationToken)
    {
        try
        {
            var response = await _vault.GetKeyAsync(key.Name, key.Version, cancellationToken).ConfigureAwait(false);
            return new(KeyMaterial.Read(response.Value), FoundAge, FoundAge);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return new(KeyMaterial.Gone, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        }
        catch (Exception e) when (ServiceFailure.Is(e))
        {
            Report(e);
            return null;
        }
    }

    private void Report(Exception exception)
    {
        if (!_outages.Begin(_options.KeyName)) return;
        var failed = exception as RequestFailedException;
        AzureLog.KeyUnreadable(_logger, _options.KeyName, failed?.Status ?? 0, failed?.ErrorCode, exception);
    }

    private sealed class VaultSigner(KeyVaultKey key, CryptographyClient client) : IJwsSigner
    {
        public string KeyId { get; } = key.Id.AbsoluteUri;

        public JwsAlgorithm Algorithm { get; } = key.Key.CurveName == KeyCurveName.P256
            ? JwsAlgorithm.ES256
            : throw new ArgumentException($"Expected a key on P-256, got {key.KeyType} {key.Key.CurveName}.", nameof(key));

        public async ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) =>
            (await client.SignAsync(SignatureAlgorithm.ES256, hash.ToArray(), cancellationToken).ConfigureAwait(false)).Signature;
    }
}
