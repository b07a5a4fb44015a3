using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Azure.Core;

namespace Azure.Security.KeyVault.Keys.Cryptography;

/// <summary>
/// Signs and verifies with one key. With a vault, the public key is fetched once at first use and kept for the life of the client; verifying
/// is then local and looks at neither enabled nor times, so it does not notice a key that was disabled or expired since or before.
/// </summary>
/// <remarks>Safe for concurrent use; meant to be made once and kept.</remarks>
#pragma warning disable CA1001 // The official type is not disposable either; the semaphore's wait handle, its one resource, is never made.
public class CryptographyClient
#pragma warning restore CA1001
{
    private readonly VaultPipeline? _pipeline;
    private readonly Uri? _address;
    private readonly string _keyId;

    // One fetch at a time; held across the request, so that concurrent first uses ask the vault once.
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private volatile JsonWebKey? _key;
    private volatile bool _remoteOnly;

    /// <summary>Local only: nothing leaves the process.</summary>
    public CryptographyClient(JsonWebKey key)
        : this(key, null)
    {
    }

    /// <inheritdoc cref="CryptographyClient(JsonWebKey)" />
    public CryptographyClient(JsonWebKey key, LocalCryptographyClientOptions? options)
    {
        ArgumentNullException.ThrowIfNull(key);
        _ = options;
        _key = key;
        _keyId = key.Id;
    }

    /// <inheritdoc cref="CryptographyClient(Uri, TokenCredential, CryptographyClientOptions)" />
    public CryptographyClient(Uri keyId, TokenCredential credential)
        : this(keyId, credential, null)
    {
    }

    /// <param name="keyId">Address of the key; without a version, the one that is current at first use.</param>
    /// <param name="credential">Asked for a token when the vault challenges.</param>
    /// <param name="options">Null for the defaults.</param>
    public CryptographyClient(Uri keyId, TokenCredential credential, CryptographyClientOptions? options)
    {
        ArgumentNullException.ThrowIfNull(keyId);
        ArgumentNullException.ThrowIfNull(credential);
        options ??= new CryptographyClientOptions();
        _address = keyId;
        _keyId = keyId.AbsoluteUri;
        _pipeline = new(
            new Uri(keyId.GetLeftPart(UriPartial.Authority) + "/"),
            options,
            credential,
            !options.DisableChallengeResourceVerification,
            CryptographyClientOptions.GetVersionString(options.Version));
    }

    internal CryptographyClient(Uri keyId, VaultPipeline pipeline)
    {
        _address = keyId;
        _keyId = keyId.AbsoluteUri;
        _pipeline = pipeline;
    }

    /// <summary>For fakes in tests, which override what they need.</summary>
    protected CryptographyClient() => _keyId = null!;

    /// <summary>The address the client was made with; the key's own id for a local client.</summary>
    public virtual string KeyId => _keyId;

    /// <summary>Signs a digest: in the vault, or here when the client holds the private part.</summary>
    /// <param name="algorithm">Must fit the key.</param>
    /// <param name="digest">As long as the algorithm's hash.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RequestFailedException">403 Forbidden for a disabled, expired or not yet valid key; 400 for what does not fit.</exception>
    /// <exception cref="NotSupportedException">A local client cannot sign with this key.</exception>
    public virtual async Task<SignResult> SignAsync(SignatureAlgorithm algorithm, byte[] digest, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(algorithm.ToString(), nameof(algorithm));
        ArgumentNullException.ThrowIfNull(digest);
        if (_pipeline is null)
        {
            var key = _key!;
            if (!LocalSignatures.Supports(key, KeyOperation.Sign) || !key.HasPrivateKey)
            {
                throw new NotSupportedException($"The key of type '{key.KeyType}' cannot sign here: it needs 'sign' in key_ops and its private part.");
            }

            return CryptographyModelFactory.SignResult(_keyId, LocalSignatures.Sign(key, algorithm, digest), algorithm);
        }

        using var json = await PostAsync("/sign", writer =>
        {
            writer.WriteString("alg", algorithm.ToString());
            writer.WriteString("value", Base64Url.EncodeToString(digest));
        }, cancellationToken).ConfigureAwait(false);
        var keyId = json.RootElement.GetProperty("kid").GetString();
        var signature = JsonWebKeyConverter.FromBase64Url(json.RootElement.GetProperty("value").GetString()!, "value");
        return CryptographyModelFactory.SignResult(keyId, signature, algorithm);
    }

    /// <summary>Hashes here and signs the digest.</summary>
    /// <inheritdoc cref="SignAsync" />
    public virtual Task<SignResult> SignDataAsync(SignatureAlgorithm algorithm, byte[] data, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        return SignAsync(algorithm, LocalSignatures.Digest(algorithm, data), cancellationToken);
    }

    /// <summary>Verifies a signature over a digest: here once the public key is known and allows it, else in the vault.</summary>
    /// <exception cref="ArgumentException">The algorithm does not fit the key.</exception>
    /// <exception cref="RequestFailedException">The key could not be fetched (other than 403), or the vault refused.</exception>
    /// <exception cref="NotSupportedException">A local client cannot verify with this key.</exception>
    public virtual async Task<VerifyResult> VerifyAsync(
        SignatureAlgorithm algorithm, byte[] digest, byte[] signature, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(algorithm.ToString(), nameof(algorithm));
        ArgumentNullException.ThrowIfNull(digest);
        ArgumentNullException.ThrowIfNull(signature);
        await FetchKeyAsync(cancellationToken).ConfigureAwait(false);
        if (_key is { } key && LocalSignatures.Supports(key, KeyOperation.Verify))
        {
            var isValid = LocalSignatures.Verify(key, algorithm, digest, signature);
            return CryptographyModelFactory.VerifyResult(key.Id ?? _keyId, isValid, algorithm);
        }

        if (_pipeline is null) throw new NotSupportedException($"The key of type '{_key?.KeyType}' cannot verify here: it needs 'verify' in key_ops and a known curve.");

        using var json = await PostAsync("/verify", writer =>
        {
            writer.WriteString("alg", algorithm.ToString());
            writer.WriteString("digest", Base64Url.EncodeToString(digest));
            writer.WriteString("value", Base64Url.EncodeToString(signature));
        }, cancellationToken).ConfigureAwait(false);
        return CryptographyModelFactory.VerifyResult(_keyId, json.RootElement.GetProperty("value").GetBoolean(), algorithm);
    }

    /// <summary>Hashes here and verifies the signature over the digest.</summary>
    /// <inheritdoc cref="VerifyAsync" />
    public virtual Task<VerifyResult> VerifyDataAsync(
        SignatureAlgorithm algorithm, byte[] data, byte[] signature, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        return VerifyAsync(algorithm, LocalSignatures.Digest(algorithm, data), signature, cancellationToken);
    }

    private async Task FetchKeyAsync(CancellationToken cancellationToken)
    {
        if (_key is not null || _remoteOnly || _pipeline is null) return;
        await _fetching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_key is not null || _remoteOnly) return;
            var response = await _pipeline.SendAsync(RequestMethod.Get, _pipeline.Address(_address!, string.Empty), content: null, cancellationToken).ConfigureAwait(false);
            _key = VaultJson.ReadKey(response).Key;
        }
        catch (RequestFailedException exception) when (exception.Status == 403)
        {
            // Allowed to use the key but not to read it: everything goes to the vault from now on.
            _remoteOnly = true;
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async Task<JsonDocument> PostAsync(string operation, Action<Utf8JsonWriter> members, CancellationToken cancellationToken)
    {
        var address = _pipeline!.Address(_address!, operation);
        var response = await _pipeline.SendAsync(RequestMethod.Post, address, VaultJson.Body(members), cancellationToken).ConfigureAwait(false);
        return VaultJson.Parse(response);
    }
}
