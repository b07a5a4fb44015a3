using System.Collections.Concurrent;
using System.Collections.Frozen;
using Azure;
using Azure.Security.KeyVault.Keys;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Azure.Diagnostics;
using Relay.Core.Caching;
using Relay.Core.Verification;
using Relay.Protocol.Keys;

namespace Relay.Azure.Keys;

/// <summary>
/// Mediators' public keys from Key Vault: held in memory, each fact no older than <see cref="KeyVaultOptions.KeyMaxAge"/>. Thread-safe.
/// </summary>
/// <remarks>
/// <para>Two facts are held apart. Which versions a key has and whether they may be used comes from listing the versions: one call answers
/// for all of them, so a made-up version in a signature costs at most one call per <see cref="KeyVaultOptions.UnknownVersionInterval"/>,
/// however many versions are made up. The public key of a version never changes, so it is fetched once, when first used.</para>
/// <para>At steady state an envelope costs no call.</para>
/// </remarks>
internal sealed class KeyVaultKeyRing : IPublicKeySource, IAsyncDisposable
{
    // Longest pagination followed: a key with more versions than this is not listed in full, and the rest does not verify.
    private const int MaxVersions = 2_000;

    private static readonly TimeSpan MaterialMaxAge = TimeSpan.FromDays(1);

    private readonly Func<Uri, KeyClient> _createClient;
    private readonly KeyVaultOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<KeyVaultKeyRing> _logger;
    private readonly Outages _outages = new();
    private readonly UnknownVersions _unknown;
    private readonly ConcurrentDictionary<string, KeyClient> _clients = new(StringComparer.Ordinal);
    private readonly BoundedAgeCache<VaultKey, KeyVersions> _versions;
    private readonly BoundedAgeCache<KeyIdentifier, KeyMaterial> _materials;

    public KeyVaultKeyRing(
        Func<Uri, KeyClient> createClient, IOptions<KeyVaultOptions> options, TimeProvider time, ILogger<KeyVaultKeyRing> logger)
    {
        _createClient = createClient;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _unknown = new UnknownVersions(time);
        _versions = new BoundedAgeCache<VaultKey, KeyVersions>(new BoundedAgeCacheOptions(), ListAsync, time);
        _materials = new BoundedAgeCache<KeyIdentifier, KeyMaterial>(new BoundedAgeCacheOptions(), FetchAsync, time);
    }

    /// <inheritdoc/>
    public async ValueTask<KeyLookup> FindAsync(KeyIdentifier key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        var vaultKey = new VaultKey(key.Vault, key.Name);
        var versions = await _versions.GetAsync(vaultKey, cancellationToken).ConfigureAwait(false);
        if (versions is null) return KeyStatus.Unavailable;
        var status = versions.StatusOf(key.Version, _time.GetUtcNow());
        if (status == KeyStatus.Unknown)
        {
            var askedAt = _time.GetTimestamp();
            versions = await _versions.RefreshAsync(vaultKey, _options.UnknownVersionInterval, cancellationToken).ConfigureAwait(false);
            if (versions is null) return KeyStatus.Unavailable;
            status = versions.StatusOf(key.Version, _time.GetUtcNow());
            if (status == KeyStatus.Unknown)
            {
                return _unknown.IsCertain(key, askedAt, versions.ListedAt) ? KeyStatus.Unknown : KeyStatus.Unavailable;
            }
        }

        if (status != KeyStatus.Usable) return status;
        var material = await _materials.GetAsync(key, cancellationToken).ConfigureAwait(false);
        return material?.Lookup ?? KeyStatus.Unavailable;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _versions.DisposeAsync().ConfigureAwait(false);
        await _materials.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<Loaded<KeyVersions>?> ListAsync(VaultKey key, KeyVersions? held, CancellationToken cancellationToken)
    {
        var listedAt = _time.GetTimestamp();
        var versions = new Dictionary<string, KeyProperties>(KeyIdentifier.TextComparer);
        try
        {
            await foreach (
                var properties in Client(key.Vault).GetPropertiesOfKeyVersionsAsync(key.Name, cancellationToken).ConfigureAwait(false))
            {
                versions[properties.Version] = properties;
                if (versions.Count >= MaxVersions) break;
            }
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // No such key: the same as a key without versions.
        }
        catch (Exception e) when (ServiceFailure.Is(e))
        {
            ReportUnreadable(key.ToString(), e);
            return null;
        }

        if (_outages.End(key.ToString())) AzureLog.KeyReadable(_logger, key.ToString());
        var frozen = new KeyVersions(listedAt, versions.ToFrozenDictionary(KeyIdentifier.TextComparer));
        return versions.Count == 0
            ? new(frozen, _options.UnknownVersionInterval, _options.UnknownVersionInterval)
            : new(frozen, _options.KeyMaxAge / 2, _options.KeyMaxAge);
    }

    private async ValueTask<Loaded<KeyMaterial>?> FetchAsync(KeyIdentifier key, KeyMaterial? held, CancellationToken cancellationToken)
    {
        try
        {
            var response = await Client(key.Vault).GetKeyAsync(key.Name, key.Version, cancellationToken).ConfigureAwait(false);
            var material = KeyMaterial.Read(response.Value, _options.BatchRoots);
            if (material.Problem.Length > 0) AzureLog.KeyUnsuitable(_logger, key.Text, material.Problem);
            return new(material, MaterialMaxAge, MaterialMaxAge);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return new(KeyMaterial.Gone, _options.UnknownVersionInterval, _options.UnknownVersionInterval);
        }
        catch (Exception e) when (ServiceFailure.Is(e))
        {
            ReportUnreadable(key.Key, e);
            return null;
        }
    }

    private void ReportUnreadable(string key, Exception exception)
    {
        if (!_outages.Begin(key)) return;
        var failed = exception as RequestFailedException;
        AzureLog.KeyUnreadable(_logger, key, failed?.Status ?? 0, failed?.ErrorCode, exception);
    }

    private KeyClient Client(string vault) => _clients.GetOrAdd(vault, static (vault, create) => create(new Uri(vault)), _createClient);
}
