using Relay.Client.Files;
using Relay.Protocol.Hybrid;
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

    /// <summary>Opens contents; on P-256, or hybrid, <c>kid</c> <c>{name}#enc-1</c>.</summary>
    public PrivateJwk Encryption { get; }

    /// <summary>Reads the delegation's keys from <c>{stateFolder}/delegations/{name}</c>, making them at the first call.</summary>
    /// <param name="stateFolder">The state folder.</param>
    /// <param name="name">Of the delegation.</param>
    /// <param name="encryption">
    /// Kind of an encryption key that is made: <see cref="JwkKind.P256"/> or <see cref="JwkKind.MlKem768P256"/>. One that is there stays
    /// what it is.
    /// </param>
    /// <exception cref="InvalidDataException">A key file is there but is not a private JWK.</exception>
    public static LocalDelegation LoadOrCreate(string stateFolder, string name, JwkKind encryption = JwkKind.P256)
    {
        PrivateFile.CreateFolder(FolderOf(stateFolder, name));
        return new LocalDelegation(
            name,
            LoadOrCreateKey(Path.Combine(FolderOf(stateFolder, name), "identity.jwk"), $"{name}#1", JwkKind.P256),
            LoadOrCreateKey(EncryptionPath(stateFolder, name), $"{name}#enc-1", encryption));
    }

    /// <summary>True when the delegation's keys are in the state folder already.</summary>
    public static bool Exists(string stateFolder, string name) => File.Exists(EncryptionPath(stateFolder, name));

    /// <inheritdoc/>
    public void Dispose()
    {
        Identity.Dispose();
        Encryption.Dispose();
    }

    private static string FolderOf(string stateFolder, string name) => Path.Combine(stateFolder, "delegations", name);

    private static string EncryptionPath(string stateFolder, string name) => Path.Combine(FolderOf(stateFolder, name), "encryption.jwk");

    private static PrivateJwk LoadOrCreateKey(string path, string keyId, JwkKind kind)
    {
        if (!File.Exists(path))
        {
            using var made = kind == JwkKind.MlKem768P256 ? HybridKeyPair.Generate(keyId) : PrivateJwk.Generate(kind, keyId);
            PrivateFile.Write(path, made.ToJson());
        }

        return PrivateJwk.TryParse(File.ReadAllBytes(path), out var key, out var error)
            ? key
            : throw new InvalidDataException($"{path} is not a private key: {error} Delete it to have a new one made.");
    }
}
