using System.Text.Json;
using Relay.Checker;
using Relay.Client.Keys;
using Relay.Protocol.Keys;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;

namespace Relay.Cli.Targets;

/// <summary>
/// Public keys from a file, as <c>relay keys export</c> writes it: one JWK, or <c>{"keys":[...]}</c> with the keys' identifiers
/// (with version) as <c>kid</c>, their time as <c>nbf</c> and <c>exp</c> and, of those withdrawn as compromised, from when on as
/// <c>compromised</c> (NumericDate). With it nothing needs a vault.
/// </summary>
internal sealed class PublicKeyFile : IMediatorKeys
{
    /// <summary>Member of a key that was withdrawn as compromised: from when on.</summary>
    public const string Compromised = "compromised";

    private const string Advice = "Give what 'relay keys export' writes, or the public key of relay-checkpoint as JWK.";

    // The largest set that a vault of a few mediators makes in years.
    private const int MaxBytes = 1024 * 1024;

    private readonly string _name;
    private readonly List<Entry> _keys = [];

    private PublicKeyFile(string name)
    {
        _name = name;
    }

    /// <exception cref="CliFault">The file cannot be read, or is no such file.</exception>
    public static async Task<PublicKeyFile> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        if (file.Exists && file.Length > MaxBytes)
        {
            throw new CliFault($"{file.Name} has {file.Length} bytes.", $"Expected at most {MaxBytes}. {Advice}");
        }
        var keys = new PublicKeyFile(file.Name);
        try
        {
            using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(file.FullName, cancellationToken));
            var list = json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("keys", out var set)
                ? [.. set.EnumerateArray()]
                : new[] { json.RootElement };
            foreach (var item in list) keys._keys.Add(Read(item, file.Name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new CliFault($"Cannot read {file.FullName}: {e.Message.Split('\n')[0]}", Advice, e);
        }

        return keys;
    }

    /// <summary>The key of an identifier; a key without <c>kid</c> that stands alone is taken for any.</summary>
    public PublicJwk? Find(string keyId) => FindEntry(keyId)?.Jwk;

    /// <summary>True of a version that was withdrawn as compromised.</summary>
    public bool IsWithdrawn(string keyId) => FindEntry(keyId)?.Validity.CompromisedSince is not null;

    /// <summary>True when the file names keys of others than the relay: mediators'.</summary>
    public bool HasMediators => _keys.Exists(entry => IsMediators(entry.Jwk.KeyId));

    /// <summary>A mediator's key, which names this identifier as its <c>kid</c>, with its time.</summary>
    public DatedKey? FindMediator(string keyId) =>
        IsMediators(keyId) && FindEntry(keyId) is { Jwk.KeyId: not null } entry ? VaultPublicKeys.Date(entry.Jwk, entry.Validity) : null;

    private static bool IsMediators(string? keyId) =>
        KeyIdentifier.TryParse(keyId ?? "", out var id) && !KeyIdentifier.TextComparer.Equals(id.Name, VaultPublicKeys.RelayKey);

    /// <summary>Identifier, without version, of the file's one key of that name.</summary>
    /// <exception cref="CliFault">It has none, or of more than one vault.</exception>
    public string KeyNamed(string name)
    {
        var found = _keys
            .Select(entry => KeyIdentifier.TryParse(entry.Jwk.KeyId ?? "", out var id) ? id : null)
            .OfType<KeyIdentifier>()
            .Where(id => KeyIdentifier.TextComparer.Equals(id.Name, name))
            .Select(id => id.Key)
            .Distinct(KeyIdentifier.TextComparer)
            .ToList();
        return found is [var only]
            ? only
            : throw new CliFault($"{_name} has {found.Count} keys named {name}.", "Name the relay's with --relay-key.");
    }

    /// <inheritdoc/>
    public ValueTask<MediatorKey> FindAsync(KeyIdentifier identifier, DateTimeOffset? signedAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identifier);
        if (FindEntry(identifier.Text) is not { Key: { } key } entry)
        {
            return new(new MediatorKey(SignatureOutcome.UnknownKeyVersion, null));
        }
        // A file's key that has no time of its own, or is asked about now, is good: nobody can be asked whether it still is.
        return new(signedAt is { } || entry.Validity.CompromisedSince is not null
            ? MediatorKey.Judge(key, entry.Validity, signedAt, DateTimeOffset.MaxValue)
            : new MediatorKey(SignatureOutcome.Valid, key));
    }

    private Entry? FindEntry(string keyId) =>
        _keys is [{ Jwk.KeyId: null } only] ? only : _keys.Find(entry => KeyIdentifier.TextComparer.Equals(entry.Jwk.KeyId, keyId));

    private static Entry Read(JsonElement json, string name)
    {
        if (!PublicJwk.TryParse(System.Text.Encoding.UTF8.GetBytes(json.GetRawText()), out var key, out var error))
        {
            throw new CliFault($"{name}: {error}.", Advice);
        }
        VerificationKey.TryCreate(key, out var verification, out _);
        return new Entry(key, verification, new KeyValidity(
            null, Time(json, "nbf", name), Time(json, "exp", name), Time(json, Compromised, name)));
    }

    private static DateTimeOffset? Time(JsonElement json, string member, string name)
    {
        if (!json.TryGetProperty(member, out var value)) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) && seconds is >= 0 and <= 253_402_300_799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new CliFault($"{name}: expected '{member}' in seconds since 1970, got something else.", Advice);
    }

    private sealed record Entry(PublicJwk Jwk, VerificationKey? Key, KeyValidity Validity);
}
