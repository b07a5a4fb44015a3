using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Emulator.Hosting;
using Emulator.KeyVault.Keys;

namespace Emulator.KeyVault.Storage;

/// <summary>The file of one key, all versions, private parts in clear: JSON, format 1.</summary>
internal static class KeyFile
{
    private const int Format = 1;

    // Far above what any use of an emulator makes, and a bound on what a planted file can make us read.
    private const long MaxBytes = 64 * 1024 * 1024;

    public static string PathOf(string folder, string name) => Path.Combine(folder, name.ToLowerInvariant() + ".json");

    public static void Write(string folder, VaultKey key)
    {
        var document = new KeyDocument(Format, key.Name, [.. key.Versions.Select(ToDocument)]);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(document, KeyDocumentJson.Default.KeyDocument);
        try
        {
            OwnerFile.Write(PathOf(folder, key.Name), bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <exception cref="InvalidDataException">The file is torn, of another format,
    /// or does not hold what its name says; the message names it.</exception>
    public static VaultKey Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes) throw Unreadable(path, $"it is larger than {MaxBytes} bytes", null);
            var document = JsonSerializer.Deserialize(File.ReadAllBytes(path), KeyDocumentJson.Default.KeyDocument)
                ?? throw Unreadable(path, "it is empty", null);
            if (document.Format != Format) throw Unreadable(path, $"its format is {document.Format}, expected {Format}", null);
            if (document.Versions.Length == 0) throw Unreadable(path, "it has no version", null);
            if (PathOf(Path.GetDirectoryName(path)!, document.Name) != path) throw Unreadable(path, "it holds a key of another name", null);
            return new(document.Name, [.. document.Versions.Select(version => FromDocument(document.Name, version))]);
        }
        catch (Exception exception) when (exception is JsonException or CryptographicException or FormatException)
        {
            throw Unreadable(
                path,
                exception is JsonException ? "it is not the JSON expected, perhaps cut short" : "a private key in it is damaged",
                exception);
        }
    }

    private static InvalidDataException Unreadable(string path, string reason, Exception? inner) => new(
        $"The key file '{path}' cannot be read: {reason}. Nothing was changed. Restore it from a copy, or move it away to go on "
            + "without this key.",
        inner);

    private static VersionDocument ToDocument(KeyVersion version)
    {
        var pkcs8 = version.Material.ExportPkcs8();
        try
        {
            return new(
                version.Version,
                version.Material.KeyType,
                Convert.ToBase64String(pkcs8),
                version.Attributes.Enabled,
                version.Attributes.NotBefore,
                version.Attributes.Expires,
                [.. version.Attributes.Operations],
                version.Attributes.Tags.ToDictionary(),
                version.Created,
                version.Updated);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    private static KeyVersion FromDocument(string name, VersionDocument document)
    {
        var pkcs8 = Convert.FromBase64String(document.Pkcs8);
        try
        {
            var attributes = new KeyAttributes(
                document.Enabled,
                document.NotBefore,
                document.Expires,
                [.. document.Operations],
                document.Tags.ToImmutableSortedDictionary(StringComparer.Ordinal));
            return new(
                name, document.Version, KeyMaterial.FromPkcs8(document.KeyType, pkcs8), attributes, document.Created, document.Updated);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }
}

/// <summary>What <see cref="KeyFile"/> holds.</summary>
internal sealed record KeyDocument(int Format, string Name, VersionDocument[] Versions);

/// <summary>One version in a <see cref="KeyDocument"/>.</summary>
internal sealed record VersionDocument(
    string Version,
    string KeyType,
    string Pkcs8,
    bool Enabled,
    long? NotBefore,
    long? Expires,
    string[] Operations,
    Dictionary<string, string> Tags,
    long Created,
    long Updated);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(KeyDocument))]
internal sealed partial class KeyDocumentJson : JsonSerializerContext;
