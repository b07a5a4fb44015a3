using System.Text.Json;
using Microsoft.Extensions.Logging;
using Emulator.KeyVault.Diagnostics;
using Emulator.KeyVault.Keys;
using Emulator.KeyVault.Storage;

namespace Emulator.KeyVault.Http;

/// <summary>Create, import, get, update and rotate.</summary>
internal sealed class KeyManagement(KeyStore store, KeyBundles bundles, ILogger logger)
{
    public VaultReply Get(string name, string? version) => store.Find(name)?.Find(version) is { } key
        ? Bundle(key)
        : VaultReply.KeyNotFound(name, version);

    public async Task<VaultReply> CreateAsync(string name, JsonElement json, CancellationToken cancellationToken)
    {
        if (!KeyRequests.TryReadCreate(json, out var create, out var keyType, out var error)
            || !KeyRequests.TryReadChange(json, keyType, json, out var change, out error))
        {
            return VaultReply.BadParameter(error);
        }

        return await AddAsync(name, create, change, cancellationToken).ConfigureAwait(false);
    }

    public async Task<VaultReply> ImportAsync(string name, JsonElement json, CancellationToken cancellationToken)
    {
        if (!KeyRequests.TryReadImport(json, out var material, out var change, out var error)) return VaultReply.BadParameter(error);
        return await AddAsync(name, () => material, change, cancellationToken).ConfigureAwait(false);
    }

    public async Task<VaultReply> UpdateAsync(string name, string? version, JsonElement json, CancellationToken cancellationToken)
    {
        if (store.Find(name)?.Find(version) is not { } key) return VaultReply.KeyNotFound(name, version);
        if (!KeyRequests.TryReadChange(json, key.Material.KeyType, json, out var change, out var error))
        {
            return VaultReply.BadParameter(error);
        }

        VaultReply? refused = null;
        var changed = await store.ChangeAsync(
            name,
            version,
            current =>
            {
                var attributes = change.ApplyTo(current.Attributes);
                refused = RefuseTimes(attributes);
                return refused is null ? attributes : null;
            },
            cancellationToken).ConfigureAwait(false);
        if (changed is null) return refused ?? VaultReply.KeyNotFound(name, version);

        KeyVaultLog.VersionChanged(logger, changed.Name, changed.Version, changed.Attributes.Enabled);
        return Bundle(changed);
    }

    /// <summary>A new key pair like the current one, with its operations and tags, enabled and without times.</summary>
    public async Task<VaultReply> RotateAsync(string name, CancellationToken cancellationToken)
    {
        if (store.Find(name) is not { } key) return VaultReply.KeyNotFound(name, null);
        var kept = key.Current.Attributes;
        var change = new KeyChange(null, null, null, kept.Operations, kept.Tags);
        return await AddAsync(name, key.Current.Material.CreateAlike, change, cancellationToken).ConfigureAwait(false);
    }

    private static VaultReply? RefuseTimes(KeyAttributes attributes) => attributes.Expires <= attributes.NotBefore
        ? VaultReply.BadParameter("Attribute 'exp' was expected to be after 'nbf'.")
        : null;

    private async Task<VaultReply> AddAsync(string name, Func<KeyMaterial> make, KeyChange change, CancellationToken cancellationToken)
    {
        // Times are looked at first: making a key takes long enough to be worth nothing to someone who sends bad ones.
        if (change.Expires <= change.NotBefore) return VaultReply.BadParameter("Attribute 'exp' was expected to be after 'nbf'.");
        var material = make();
        var version = await store.AddAsync(
            name, material, change.ApplyTo(KeyVersion.DefaultAttributes(material)), cancellationToken).ConfigureAwait(false);
        KeyVaultLog.VersionAdded(logger, version.Name, version.Version);
        return Bundle(version);
    }

    private VaultReply Bundle(KeyVersion key) => VaultReply.Ok(writer => bundles.WriteBundle(writer, key));
}
