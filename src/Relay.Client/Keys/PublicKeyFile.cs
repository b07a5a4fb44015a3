using System.Text;
using System.Text.Json;
using Relay.Protocol.Keys;
using Relay.Protocol.Quorum;
using Relay.Protocol.Signatures;

namespace Relay.Client.Keys;

/// <summary>
/// Public keys from a file, as <c>relay keys export</c> writes it: one JWK, or <c>{"keys":[...]}</c> with the keys' identifiers
/// (with version) as <c>kid</c>, their time as <c>nbf</c> and <c>exp</c> and, of those withdrawn as compromised, from when on as
/// <c>compromised</c> (NumericDate). With it nothing needs a vault. Immutable.
/// </summary>
public sealed class PublicKeyFile : IMediatorKeys
{
    /// <summary>Member of a key that was withdrawn as compromised: from when on.</summary>
    public const string Compromised = "compromised";

    /// <summary>The largest file that is read, 1 MiB: what a vault of a few mediators makes in years.</summary>
    public const int MaxBytes = 1024 * 1024;

    private readonly List<Entry> _keys = [];

    private PublicKeyFile()
    {
    }

    /// <summary>Identifiers of the keys that have one.</summary>
    public IEnumerable<string> KeyIds => _keys.Select(entry => entry.Jwk.KeyId).OfType<string>();

    /// <summary>Reads a file's bytes.</summary>
    /// <exception cref="InvalidDataException">They are no such file; the message says what was expected and what came.</exception>
    public static PublicKeyFile Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
        {
            throw new InvalidDataException($"Expected at most {MaxBytes} bytes of public keys, got {bytes.Length}.");
        }
        var keys = new PublicKeyFile();
        try
        {
            using var json = JsonDocument.Parse(bytes);
            var list = json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("keys", out var set)
                ? [.. set.EnumerateArray()]
                : new[] { json.RootElement };
            foreach (var item in list) keys._keys.Add(Read(item));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"Expected a JWK or a JWK set, got something else: {e.Message.Split('\n')[0]}", e);
        }

        return keys;
    }

    /// <summary>The key of an identifier; a key without <c>kid</c> that stands alone is taken for any.</summary>
    public PublicJwk? Find(string keyId) => FindEntry(keyId)?.Jwk;

    /// <summary>The time of an identifier's key; null when the file has no such key.</summary>
    public KeyValidity? FindValidity(string keyId) => FindEntry(keyId)?.Validity;

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

    private static Entry Read(JsonElement json)
    {
        if (!PublicJwk.TryParse(Encoding.UTF8.GetBytes(json.GetRawText()), out var key, out var error))
        {
            throw new InvalidDataException($"{error}.");
        }
        VerificationKey.TryCreate(key, out var verification, out _);
        return new Entry(key, verification, new KeyValidity(null, Time(json, "nbf"), Time(json, "exp"), Time(json, Compromised)));
    }

    private static DateTimeOffset? Time(JsonElement json, string member)
    {
        if (!json.TryGetProperty(member, out var value)) return null;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) && seconds is >= 0 and <= 253_402_300_799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new InvalidDataException($"Expected '{member}' in seconds since 1970, got something else.");
    }

    private sealed record Entry(PublicJwk Jwk, VerificationKey? Key, KeyValidity Validity);
}
