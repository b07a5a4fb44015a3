using System.Buffers.Text;
using System.Text.Json;
using Emulator.KeyVault.Keys;

namespace Emulator.KeyVault.Http;

/// <summary>Key versions as the service writes them. Public members only.</summary>
internal sealed class KeyBundles(Uri vaultUri)
{
    /// <summary>Address of a key version; of the key where <paramref name="version"/> is null.</summary>
    public string IdOf(string name, string? version) => $"{vaultUri}keys/{name}{(version is null ? string.Empty : "/" + version)}";

    public void WriteBundle(Utf8JsonWriter writer, KeyVersion version)
    {
        writer.WriteStartObject("key");
        writer.WriteString("kid", IdOf(version.Name, version.Version));
        writer.WriteString("kty", version.Material.KeyType);
        writer.WriteStartArray("key_ops");
        foreach (var operation in version.Attributes.Operations) writer.WriteStringValue(operation);
        writer.WriteEndArray();
        if (version.Material.IsEc) writer.WriteString("crv", version.Material.Curve);
        foreach (var (name, value) in version.Material.PublicMembers) writer.WriteString(name, Base64Url.EncodeToString(value));
        writer.WriteEndObject();
        WriteAttributes(writer, version);
    }

    /// <summary>One item of a list.</summary>
    /// <param name="withVersion">False for a list of keys, whose items name no version.</param>
    public void WriteItem(Utf8JsonWriter writer, KeyVersion version, bool withVersion)
    {
        writer.WriteStartObject();
        writer.WriteString("kid", IdOf(version.Name, withVersion ? version.Version : null));
        WriteAttributes(writer, version);
        writer.WriteEndObject();
    }

    private static void WriteAttributes(Utf8JsonWriter writer, KeyVersion version)
    {
        writer.WriteStartObject("attributes");
        writer.WriteBoolean("enabled", version.Attributes.Enabled);
        if (version.Attributes.NotBefore is { } notBefore) writer.WriteNumber("nbf", notBefore);
        if (version.Attributes.Expires is { } expires) writer.WriteNumber("exp", expires);
        writer.WriteNumber("created", version.Created);
        writer.WriteNumber("updated", version.Updated);
        writer.WriteString("recoveryLevel", "Recoverable+Purgeable");
        writer.WriteNumber("recoverableDays", 90);
        writer.WriteBoolean("exportable", false);
        writer.WriteString("hsmPlatform", "0");
        writer.WriteEndObject();
        writer.WriteStartObject("tags");
        foreach (var (name, value) in version.Attributes.Tags) writer.WriteString(name, value);
        writer.WriteEndObject();
    }
}
