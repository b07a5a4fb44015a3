using System.Buffers.Text;
using System.Text.Json;
using Emulator.KeyVault.Keys;
using Emulator.KeyVault.Storage;

namespace Emulator.KeyVault.Http;

/// <summary>
/// Sign and verify. A key that is disabled or out of its time still verifies, as the service has it: what was signed stays provable.
/// </summary>
internal sealed class KeyCryptography(KeyStore store, KeyBundles bundles, TimeProvider time)
{
    private const int MaxDigestBytes = 64;
    private const int MaxSignatureBytes = 512;

    public VaultReply Sign(string name, string? version, JsonElement json)
    {
        if (store.Find(name)?.Find(version) is not { } key) return VaultReply.KeyNotFound(name, version);
        if (!JsonMembers.TryGetBytes(json, "value", MaxDigestBytes, out var digest, out var error)) return VaultReply.BadParameter(error);
        if (RefuseUse(key, KeyOperationNames.Sign) is { } refused) return refused;
        if (RefuseTime(key) is { } untimely) return untimely;
        if (RefuseScheme(key, json, "value", digest, out var scheme) is { } unfit) return unfit;

        var signature = key.Material.Sign(scheme, digest!);
        return VaultReply.Ok(writer =>
        {
            writer.WriteString("kid", bundles.IdOf(key.Name, key.Version));
            writer.WriteString("value", Base64Url.EncodeToString(signature));
        });
    }

    public VaultReply Verify(string name, string? version, JsonElement json)
    {
        if (store.Find(name)?.Find(version) is not { } key) return VaultReply.KeyNotFound(name, version);
        if (!JsonMembers.TryGetBytes(json, "digest", MaxDigestBytes, out var digest, out var error)
            || !JsonMembers.TryGetBytes(json, "value", MaxSignatureBytes, out var signature, out error))
        {
            return VaultReply.BadParameter(error);
        }

        if (signature is null) return VaultReply.BadParameter("Property 'value' was expected: the signature, base64url.");
        if (RefuseUse(key, KeyOperationNames.Verify) is { } refused) return refused;
        if (RefuseScheme(key, json, "digest", digest, out var scheme) is { } unfit) return unfit;

        var valid = key.Material.Verify(scheme, digest!, signature);
        return VaultReply.Ok(writer => writer.WriteBoolean("value", valid));
    }

    private static VaultReply? RefuseUse(KeyVersion key, string operation) => key.Attributes.Operations.Contains(operation)
        ? null
        : VaultReply.Forbidden($"Operation {operation} is not permitted on this key: its key_ops do not name it.", "KeyOperationForbidden");

    private VaultReply? RefuseTime(KeyVersion key)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        if (!key.Attributes.Enabled) return VaultReply.Forbidden("Operation sign is not allowed on a disabled key.", "KeyDisabled");
        if (key.Attributes.Expires <= now) return VaultReply.Forbidden("Operation sign is not allowed on an expired key.", "KeyExpired");
        if (key.Attributes.NotBefore > now)
        {
            return VaultReply.Forbidden("Operation sign is not allowed on a key that is not yet valid.", "KeyNotYetValid");
        }
        return null;
    }

    private static VaultReply? RefuseScheme(KeyVersion key, JsonElement json, string member, byte[]? digest, out SignatureScheme scheme)
    {
        scheme = null!;
        if (!JsonMembers.TryGetText(json, "alg", out var name, out var error)) return VaultReply.BadParameter(error);
        if (!SignatureScheme.TryGet(name, out var found))
        {
            return VaultReply.BadParameter($"Property 'alg' was expected to be one of {SignatureScheme.Names}.");
        }
        if (!key.Material.Fits(found))
        {
            var fitting = key.Material.IsEc ? $"of type EC on curve {key.Material.Curve}" : "of type RSA";
            return VaultReply.BadParameter(
                $"Key and signing algorithm are incompatible: the key is {fitting}, the algorithm is {found.Name}.");
        }

        if (digest?.Length != found.DigestBytes)
        {
            return VaultReply.BadParameter(
                $"Property '{member}' was expected to be a digest of {found.DigestBytes} bytes for {found.Name}, got "
                    + $"{digest?.Length ?? 0}.");
        }

        scheme = found;
        return null;
    }
}
