using Relay.Checker;
using Relay.Client.Keys;
using Relay.Protocol.Keys;

namespace Relay.Cli.Targets;

/// <summary>Files of public keys, for commands that take one instead of a vault.</summary>
internal static class PublicKeyFiles
{
    private const string Advice = "Give what 'relay keys export' writes, or the public key of relay-checkpoint as JWK.";

    /// <exception cref="CliFault">The file cannot be read, or is no such file.</exception>
    public static async Task<PublicKeyFile> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        if (file.Exists && file.Length > PublicKeyFile.MaxBytes)
        {
            throw new CliFault($"{file.Name} has {file.Length} bytes.", $"Expected at most {PublicKeyFile.MaxBytes}. {Advice}");
        }
        try
        {
            return PublicKeyFile.Parse(await File.ReadAllBytesAsync(file.FullName, cancellationToken));
        }
        catch (InvalidDataException e)
        {
            throw new CliFault($"{file.Name}: {e.Message}", Advice, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliFault($"Cannot read {file.FullName}: {e.Message.Split('\n')[0]}", Advice, e);
        }
    }

    /// <summary>True of a version that was withdrawn as compromised.</summary>
    public static bool IsWithdrawn(this PublicKeyFile keys, string keyId) => keys.FindValidity(keyId)?.CompromisedSince is not null;

    /// <summary>True when the file names keys of others than the relay: mediators'.</summary>
    public static bool HasMediators(this PublicKeyFile keys) => keys.KeyIds.Any(IsMediators);

    /// <summary>A mediator's key, which names this identifier as its <c>kid</c>, with its time.</summary>
    public static DatedKey? FindMediator(this PublicKeyFile keys, string keyId) =>
        IsMediators(keyId) && keys.Find(keyId) is { KeyId: not null } jwk && keys.FindValidity(keyId) is { } validity
            ? VaultPublicKeys.Date(jwk, validity)
            : null;

    /// <summary>Identifier, without version, of the file's one key of that name.</summary>
    /// <exception cref="CliFault">It has none, or of more than one vault.</exception>
    public static string KeyNamed(this PublicKeyFile keys, string name)
    {
        var found = keys.KeyIds
            .Select(keyId => KeyIdentifier.TryParse(keyId, out var id) ? id : null)
            .OfType<KeyIdentifier>()
            .Where(id => KeyIdentifier.TextComparer.Equals(id.Name, name))
            .Select(id => id.Key)
            .Distinct(KeyIdentifier.TextComparer)
            .ToList();
        return found is [var only]
            ? only
            : throw new CliFault($"The file of keys has {found.Count} keys named {name}.", "Name the relay's with --relay-key.");
    }

    private static bool IsMediators(string keyId) =>
        KeyIdentifier.TryParse(keyId, out var id) && !KeyIdentifier.TextComparer.Equals(id.Name, VaultPublicKeys.RelayKey);
}
