using Azure.Core;
using Azure.Security.KeyVault.Keys.Cryptography;

namespace Azure.Security.KeyVault.Keys;

/// <summary>The keys of one vault. Safe for concurrent use; meant to be made once and kept.</summary>
public class KeyClient
{
    private readonly VaultPipeline _pipeline;

    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public KeyClient(Uri vaultUri, TokenCredential credential)
        : this(vaultUri, credential, new KeyClientOptions())
    {
    }

    /// <param name="vaultUri">Such as <c>https://name.vault.azure.net/</c>; its scheme must be https when a request is made.</param>
    /// <param name="credential">Asked for a token when the vault challenges.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="vaultUri"/> or <paramref name="credential"/> is null.</exception>
    public KeyClient(Uri vaultUri, TokenCredential credential, KeyClientOptions? options)
    {
        ArgumentNullException.ThrowIfNull(vaultUri);
        ArgumentNullException.ThrowIfNull(credential);
        options ??= new KeyClientOptions();
        _pipeline = new(vaultUri, options, credential, !options.DisableChallengeResourceVerification, KeyClientOptions.GetVersionString(options.Version));
    }

    /// <summary>For fakes in tests, which override what they need.</summary>
    protected KeyClient() => _pipeline = null!;

    public virtual Uri VaultUri => _pipeline.VaultUri;

    /// <param name="name">Name of the key.</param>
    /// <param name="version">Null or empty for the current version.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RequestFailedException">404 KeyNotFound, 403 Forbidden, or another status the service gave.</exception>
    public virtual Task<Response<KeyVaultKey>> GetKeyAsync(string name, string? version = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return KeyAsync(RequestMethod.Get, _pipeline.Address(string.Empty, name, version), content: null, cancellationToken);
    }

    /// <summary>The current version of every key, without key material.</summary>
    public virtual AsyncPageable<KeyProperties> GetPropertiesOfKeysAsync(CancellationToken cancellationToken = default) =>
        new KeyPropertiesPages(_pipeline, _pipeline.Address(string.Empty), cancellationToken);

    /// <summary>Every version of one key, without key material, in no promised order.</summary>
    public virtual AsyncPageable<KeyProperties> GetPropertiesOfKeyVersionsAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new KeyPropertiesPages(_pipeline, _pipeline.Address(string.Empty, name, "versions"), cancellationToken);
    }

    /// <summary>Makes a key, or a new version of it where the name is taken.</summary>
    public virtual Task<Response<KeyVaultKey>> CreateKeyAsync(
        string name, KeyType keyType, CreateKeyOptions? keyOptions = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentException.ThrowIfNullOrEmpty(keyType.ToString(), nameof(keyType));
        var body = VaultJson.Body(writer =>
        {
            writer.WriteString("kty", keyType.ToString());
            VaultJson.WriteCreateOptions(writer, keyOptions);
        });
        return KeyAsync(RequestMethod.Post, _pipeline.Address(string.Empty, name, "create"), body, cancellationToken);
    }

    /// <summary>Makes an EC key, or a new version of it where the name is taken.</summary>
    public virtual Task<Response<KeyVaultKey>> CreateEcKeyAsync(CreateEcKeyOptions ecKeyOptions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ecKeyOptions);
        var body = VaultJson.Body(writer =>
        {
            writer.WriteString("kty", ecKeyOptions.KeyType.ToString());
            if (ecKeyOptions.CurveName is { } curve) writer.WriteString("crv", curve.ToString());
            VaultJson.WriteCreateOptions(writer, ecKeyOptions);
        });
        return KeyAsync(RequestMethod.Post, _pipeline.Address(string.Empty, ecKeyOptions.Name, "create"), body, cancellationToken);
    }

    /// <summary>Makes an RSA key, or a new version of it where the name is taken.</summary>
    public virtual Task<Response<KeyVaultKey>> CreateRsaKeyAsync(CreateRsaKeyOptions rsaKeyOptions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rsaKeyOptions);
        var body = VaultJson.Body(writer =>
        {
            writer.WriteString("kty", rsaKeyOptions.KeyType.ToString());
            if (rsaKeyOptions.KeySize is { } size) writer.WriteNumber("key_size", size);
            if (rsaKeyOptions.PublicExponent is { } exponent) writer.WriteNumber("public_exponent", exponent);
            VaultJson.WriteCreateOptions(writer, rsaKeyOptions);
        });
        return KeyAsync(RequestMethod.Post, _pipeline.Address(string.Empty, rsaKeyOptions.Name, "create"), body, cancellationToken);
    }

    public virtual Task<Response<KeyVaultKey>> ImportKeyAsync(string name, JsonWebKey keyMaterial, CancellationToken cancellationToken = default) =>
        ImportKeyAsync(new ImportKeyOptions(name, keyMaterial), cancellationToken);

    /// <summary>Puts a key pair made elsewhere into the vault, as a new version where the name is taken.</summary>
    public virtual Task<Response<KeyVaultKey>> ImportKeyAsync(ImportKeyOptions importKeyOptions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(importKeyOptions);
        var body = VaultJson.Body(writer =>
        {
            writer.WriteStartObject("key");
            JsonWebKeyConverter.WriteMembers(writer, importKeyOptions.Key);
            writer.WriteEndObject();
            VaultJson.WriteProperties(writer, importKeyOptions.Properties);
            if (importKeyOptions.HardwareProtected is { } hsm) writer.WriteBoolean("hsm", hsm);
        });
        return KeyAsync(RequestMethod.Put, _pipeline.Address(string.Empty, importKeyOptions.Name), body, cancellationToken);
    }

    /// <summary>Changes attributes, tags and operations of the version <paramref name="properties"/> names; of the current one where it names none.</summary>
    /// <param name="properties">What is null in it stays as it is; its tags replace the key's unless they are empty.</param>
    /// <param name="keyOperations">Null leaves the operations as they are.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public virtual Task<Response<KeyVaultKey>> UpdateKeyPropertiesAsync(
        KeyProperties properties, IEnumerable<KeyOperation>? keyOperations = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(properties);
        var body = VaultJson.Body(writer =>
        {
            VaultJson.WriteOperations(writer, keyOperations);
            VaultJson.WriteProperties(writer, properties);
        });
        return KeyAsync(RequestMethod.Patch, _pipeline.Address(string.Empty, properties.Name, properties.Version), body, cancellationToken);
    }

    /// <summary>Makes a new version of the same type, and answers it.</summary>
    public virtual Task<Response<KeyVaultKey>> RotateKeyAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return KeyAsync(RequestMethod.Post, _pipeline.Address(string.Empty, name, "rotate"), content: null, cancellationToken);
    }

    /// <summary>A client for one key over this client's connection. Makes no request.</summary>
    /// <param name="keyName">Name of the key.</param>
    /// <param name="keyVersion">Null for the version that is current when the client is first used.</param>
    public virtual CryptographyClient GetCryptographyClient(string keyName, string? keyVersion = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(keyName);
        var builder = new RequestUriBuilder();
        builder.Reset(VaultUri);
        builder.AppendPath("/keys/", escape: false);
        builder.AppendPath(keyName);
        if (!string.IsNullOrEmpty(keyVersion))
        {
            builder.AppendPath("/", escape: false);
            builder.AppendPath(keyVersion);
        }

        return new CryptographyClient(builder.ToUri(), _pipeline);
    }

    private async Task<Response<KeyVaultKey>> KeyAsync(RequestMethod method, Uri address, RequestContent? content, CancellationToken cancellationToken)
    {
        var response = await _pipeline.SendAsync(method, address, content, cancellationToken).ConfigureAwait(false);
        return Response.FromValue(VaultJson.ReadKey(response), response);
    }
}
