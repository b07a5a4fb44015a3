using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Security.KeyVault.Keys;
using Relay.Client.Keys;
using Relay.Protocol.Keys;

namespace Relay.Cli.Targets;

/// <summary>The public halves of a vault's signing keys as JWK set, which <see cref="PublicKeyFile"/> reads.</summary>
/// <param name="Json">UTF-8, indented.</param>
/// <param name="Count">Keys in it.</param>
/// <param name="Skipped">What is in the vault and not in it, and why.</param>
internal sealed record PublicKeySet(byte[] Json, int Count, IReadOnlyList<string> Skipped)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Reads every version of every key.</summary>
    public static async Task<PublicKeySet> ExportAsync(KeyClient vault, CancellationToken cancellationToken)
    {
        var keys = new JsonArray();
        var skipped = new List<string>();
        await foreach (var key in vault.GetPropertiesOfKeysAsync(cancellationToken))
        {
            await foreach (var version in vault.GetPropertiesOfKeyVersionsAsync(key.Name, cancellationToken))
            {
                KeyVaultKey found = await vault.GetKeyAsync(version.Name, version.Version, cancellationToken);
                if (VaultPublicKeys.Read(found) is { } jwk) keys.Add(Describe(jwk, found.Properties));
                else skipped.Add($"{found.Id} ({found.KeyType}): no key of a signature that the relay takes");
            }
        }
        var count = keys.Count;
        var json = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["keys"] = keys }, Indented);
        return new PublicKeySet([.. json, (byte)'\n'], count, skipped);
    }

    // The version's time goes along: what it has signed is judged by it, whatever becomes of the version later.
    private static JsonObject Describe(PublicJwk jwk, KeyProperties properties)
    {
        var json = JsonNode.Parse(jwk.ToJson())!.AsObject();
        if (properties.NotBefore is { } from) json["nbf"] = from.ToUnixTimeSeconds();
        if (properties.ExpiresOn is { } until) json["exp"] = until.ToUnixTimeSeconds();
        if (KeyValidity.ReadCompromisedSince(properties.Tags) is { } since)
        {
            json[PublicKeyFile.Compromised] = Math.Max(0, since.ToUnixTimeSeconds());
        }
        return json;
    }
}
