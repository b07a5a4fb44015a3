using Relay.Client.Files;
using Relay.Protocol.Keys;

namespace Relay.Local;

/// <summary>
/// A delegation that lives on this machine: its private identity key (signs statements) and its private encryption key (opens contents).
/// The relay never sees either; they are here so that one machine can play every part. The owner disposes it.
/// </summary>
public sealed class LocalDelegation : IDisposable
{
    private LocalDelegation(string name, PrivateJwk identity, PrivateJwk encryption)
    {
        Name = name;
        Identity = identity;
        Encryption = encryption;
    }

    /// <summary>Name of the delegation.</summary>
    public string Name { get; }

    /// <summary>Signs statements; P-256, <c>kid</c> <c>{name}#1</c>.</summary>
    public PrivateJwk Identity { get; }

    /// <summary>Opens contents; P-256, or the hybrid key that somebody put there, <c>kid</c> <c>{name}#enc-1</c>.</summary>
    public PrivateJwk Encryption { get; }

    /// <summary>Reads the delegation's keys from <c>{stateFolder}/delegations/{name}</c>, making them at the first call.</summary>
    /// <exception cref="InvalidDataException">A key file is there but is not a private JWK.</exception>
    public static LocalDelegation LoadOrCreate(string stateFolder, string name)
    {
        var folder = Path.Combine(stateFolder, "delegations", name);
        PrivateFile.CreateFolder(folder);
        return new LocalDelegation(
            name,
            LoadOrCreateKey(Path.Combine(folder, "identity.jwk"), $"{name}#1"),
            LoadOrCreateKey(Path.Combine(folder, "encryption.jwk"), $"{name}#enc-1"));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Identity.Dispose();
        Encryption.Dispose();
    }

    private static PrivateJwk LoadOrCreateKey(string path, string keyId)
    {
        if (!File.Exists(path))
        {
            using var made = PrivateJwk.Generate(JwkKind.P256, keyId);
            PrivateFile.Write(path, made.ToJson());
        }

        return PrivateJwk.TryParse(File.ReadAllBytes(path), out var key, out var error)
            ? key
            : throw new InvalidDataException($"{path} is not a private key: {error} Delete it to have a new one made.");
    }
}
