using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// The relay's vault key says: this short-lived key signs checkpoints for
/// me. As read: well formed, but no signature verified yet. Immutable.
/// </summary>
/// <remarks>
/// JWS compact (RFC 7515 section 7.1). Header exactly <c>alg</c>, <c>kid</c> (vault
/// key identifier with version), <c>typ</c> relay-checkpoint-key; payload exactly
/// <c>origin-prefix</c>, <c>jwk</c> (P-256, no further members), <c>nbf</c>, <c>exp</c> (seconds since 1970).
/// </remarks>
public sealed class CheckpointKeyCertificate
{
    /// <summary><c>typ</c>.</summary>
    public const string Type = "relay-checkpoint-key";

    /// <summary>Longest compact text: 4 KiB.</summary>
    public const int MaxBytes = 4 * 1024;

    private const int JwkMembers = 4;

    private readonly byte[] _compact;
    private readonly int _signedLength;
    private readonly byte[] _signature;

    private CheckpointKeyCertificate(byte[] compact, int signedLength, byte[] signature)
    {
        _compact = compact;
        _signedLength = signedLength;
        _signature = signature;
    }

    /// <summary>Longest span from <c>nbf</c> to <c>exp</c>: one hour.</summary>
    public static TimeSpan MaxLifetime { get; } = TimeSpan.FromHours(1);

    /// <summary>Which vault key is said to have signed.</summary>
    public required KeyIdentifier SignedBy { get; init; }

    /// <summary><c>alg</c> of the vault key's signature.</summary>
    public required JwsAlgorithm Algorithm { get; init; }

    /// <summary><c>origin-prefix</c>: the relay's name and a slash.</summary>
    public required string OriginPrefix { get; init; }

    /// <summary>The short-lived key, P-256.</summary>
    public required PublicJwk Key { get; init; }

    /// <summary>The key signs nothing before this.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>The key signs nothing after this.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The compact text, ASCII.</summary>
    public ReadOnlySpan<byte> Bytes => _compact;

    /// <summary>Signs a certificate with the relay's vault key.</summary>
    /// <param name="originPrefix">The relay's name and a slash, a prefix of every origin of its ledgers.</param>
    /// <param name="key">The short-lived key, P-256.</param>
    /// <param name="notBefore">Whole seconds; parts of seconds are cut.</param>
    /// <param name="expiresAt">Whole seconds; at most <see cref="MaxLifetime"/> later.</param>
    /// <param name="vaultKey">Its key id is a vault key identifier with version.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">A value breaks a rule of the format; the message says which.</exception>
    public static async ValueTask<CheckpointKeyCertificate> SignAsync(
        string originPrefix,
        PublicJwk key,
        DateTimeOffset notBefore,
        DateTimeOffset expiresAt,
        IJwsSigner vaultKey,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(originPrefix);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(vaultKey);
        var compact = await CompactJws.SignAsync(
            json =>
            {
                json.WriteString("alg"u8, vaultKey.Algorithm.Name());
                json.WriteString("kid"u8, vaultKey.KeyId);
                json.WriteString("typ"u8, Type);
            },
            json =>
            {
                json.WriteString("origin-prefix"u8, originPrefix);
                json.WritePropertyName("jwk"u8);
                key.WriteTo(json, null, default);
                json.WriteNumber("nbf"u8, notBefore.ToUnixTimeSeconds());
                json.WriteNumber("exp"u8, expiresAt.ToUnixTimeSeconds());
            },
            vaultKey,
            cancellationToken).ConfigureAwait(false);
        return TryParse(compact, out var certificate, out var error) ? certificate : throw new ArgumentException(error);
    }

    /// <summary>Reads a certificate without verifying its signature. Never throws on bad input.</summary>
    /// <param name="compact">ASCII, at most <see cref="MaxBytes"/>.</param>
    /// <param name="certificate">Null when false.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    public static bool TryParse(ReadOnlySpan<byte> compact, [NotNullWhen(true)] out CheckpointKeyCertificate? certificate, out string error)
    {
        certificate = null;
        error = $"expected a compact JWS of at most {MaxBytes} bytes, got something else";
        if (compact.Length > MaxBytes || !CompactJws.TrySplit(compact, out var parts)) return false;
        if (!TryReadHeader(parts.Header, out var signedBy, out var algorithm, out error)) return false;
        if (!StrictJsonDocument.TryParse(parts.Payload, MaxBytes, out var document, out error)) return false;
        using (document)
        {
            if (!TryReadPayload(document.RootElement, out var prefix, out var key, out var notBefore, out var expiresAt, out error))
            {
                return false;
            }
            certificate = new CheckpointKeyCertificate(compact.ToArray(), parts.SignedLength, parts.Signature)
            {
                SignedBy = signedBy,
                Algorithm = algorithm,
                OriginPrefix = prefix,
                Key = key,
                NotBefore = DateTimeOffset.FromUnixTimeSeconds(notBefore),
                ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(expiresAt),
            };
        }
        return true;
    }

    /// <summary>Verifies the vault key's signature; whether that key is the relay's is for the caller to know.</summary>
    public SignatureFault Verify(VerificationKey vaultKey)
    {
        ArgumentNullException.ThrowIfNull(vaultKey);
        return vaultKey.Verify(Algorithm, _compact.AsSpan(0, _signedLength), _signature);
    }

    /// <summary>True when the key may sign for this origin: the prefix, then the name of a negotiation and nothing more.</summary>
    public bool Covers(string origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        return origin.StartsWith(OriginPrefix, StringComparison.Ordinal) && RelayName.IsValid(origin.AsSpan(OriginPrefix.Length));
    }

    private static bool TryReadHeader(
        byte[] json, [NotNullWhen(true)] out KeyIdentifier? signedBy, out JwsAlgorithm algorithm, out string error)
    {
        signedBy = null;
        algorithm = default;
        if (!StrictJsonDocument.TryParse(json, MaxBytes, out var document, out error)) return false;
        using (document)
        {
            var header = document.RootElement;
            error = $"expected a header of exactly alg, kid (a vault key with version) and typ {Type}, got another";
            if (header.ValueKind != JsonValueKind.Object || header.GetPropertyCount() != 3 || header.Text("typ") != Type) return false;
            // Batches are of signatures over heads: a vault key certifies once an hour and has nothing to gather.
            if (!JwsAlgorithms.TryParse(header.Text("alg"), out algorithm) || algorithm == JwsAlgorithm.MTES256) return false;
            if (!KeyIdentifier.TryParse(header.Text("kid"), out signedBy)) return false;
        }
        error = "";
        return true;
    }

    private static bool TryReadPayload(
        JsonElement payload,
        [NotNullWhen(true)] out string? prefix,
        [NotNullWhen(true)] out PublicJwk? key,
        out long notBefore,
        out long expiresAt,
        out string error)
    {
        prefix = null;
        key = null;
        notBefore = expiresAt = 0;
        error = "expected a payload of exactly origin-prefix (a relay's name and a slash), jwk, nbf and exp, got another";
        if (payload.ValueKind != JsonValueKind.Object || payload.GetPropertyCount() != 4) return false;
        prefix = payload.Text("origin-prefix");
        if (prefix is null || prefix.Length is < 2 or > Checkpoint.MaxOriginLength - RelayName.MaxLength || prefix[^1] != '/') return false;
        if (!Checkpoint.IsOrigin(System.Text.Encoding.UTF8.GetBytes(prefix))) return false;
        if (!TryTime(payload, "nbf", out notBefore) || !TryTime(payload, "exp", out expiresAt)) return false;
        if (!payload.TryGetProperty("jwk", out var jwk) || jwk.ValueKind != JsonValueKind.Object || jwk.GetPropertyCount() != JwkMembers)
        {
            return false;
        }
        if (!PublicJwk.TryRead(jwk, out key, out error)) return false;
        if (key.Kind != JwkKind.P256 || key.KeyId is not null)
        {
            error = "expected 'jwk' to be a P-256 key of kty, crv, x and y, got another";
            return false;
        }
        if (expiresAt <= notBefore || expiresAt - notBefore > (long)MaxLifetime.TotalSeconds)
        {
            error = $"expected 'exp' 1 to {MaxLifetime.TotalSeconds} seconds after 'nbf', got {expiresAt - notBefore}";
            return false;
        }
        return true;
    }

    private static bool TryTime(JsonElement payload, string name, out long value)
    {
        value = 0;
        return payload.TryGetProperty(name, out var time) && time.ValueKind == JsonValueKind.Number
            && StrictDecimal.TryParse(System.Text.Encoding.UTF8.GetBytes(time.GetRawText()), StrictDecimal.MaxNumericDate, out value);
    }
}
