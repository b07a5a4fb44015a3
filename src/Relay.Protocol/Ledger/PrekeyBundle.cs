using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Relay.Protocol.Keys;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// Keys that a delegation has its content sealed to: one of a session, and some that are used once each. As read: well formed; what it is
/// worth is <see cref="Verify(NegotiationDocument, out string)"/>. Immutable.
/// </summary>
/// <remarks>
/// JWS compact (RFC 7515 section 7.1) by the delegation's identity key. Header exactly <c>alg</c> ES256, <c>kid</c> and <c>typ</c>
/// relay-prekeys; payload exactly <c>negotiation</c>, <c>delegation</c>, <c>number</c>, <c>issued</c>, <c>expires</c> (seconds since 1970),
/// <c>session</c> and <c>oneTime</c>: JWKs of exactly <c>kty</c>, <c>crv</c>, <c>x</c>, <c>y</c> and <c>kid</c>.
/// </remarks>
public sealed class PrekeyBundle
{
    /// <summary><c>typ</c>.</summary>
    public const string Type = "relay-prekeys";

    /// <summary>
    /// Longest compact text: 32 KiB; 100 keys on P-256 with names and numbers of full length are 29 KB, 12 hybrid ones 31 KB.
    /// </summary>
    public const int MaxBytes = 32 * 1024;

    /// <summary>Most one-time keys of a bundle: 100.</summary>
    public const int MaxOneTime = 100;

    /// <summary>Most one-time keys of a bundle of hybrid keys, for which there is always room: 12.</summary>
    public const int MaxHybridOneTime = 12;

    private readonly byte[] _compact;
    private readonly CompactJws _parts;

    private PrekeyBundle(byte[] compact, CompactJws parts)
    {
        _compact = compact;
        _parts = parts;
        Digest = Digest.Of(compact);
    }

    /// <summary>Longest time from <c>issued</c> to <c>expires</c>: 14 days.</summary>
    public static TimeSpan MaxLifetime { get; } = TimeSpan.FromDays(14);

    /// <summary>The negotiation.</summary>
    public required string Negotiation { get; init; }

    /// <summary>Rises with every bundle of the delegation, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>From when.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>Until when senders may seal to its keys.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The key that serves when there is no one-time key.</summary>
    public required PublicJwk Session { get; init; }

    /// <summary>One-time keys in the order in which they are handed out.</summary>
    public required ImmutableArray<PublicJwk> OneTime { get; init; }

    /// <summary>Id of the first one-time key; 0 when there is none.</summary>
    public required long First { get; init; }

    /// <summary>Identity key that is said to have signed.</summary>
    public required string KeyId { get; init; }

    /// <summary>The delegation whose keys these are.</summary>
    public string Delegation => IdentityJws.DelegationOf(KeyId);

    /// <summary>SHA-256 of the compact text.</summary>
    public Digest Digest { get; }

    /// <summary>The compact text, ASCII.</summary>
    public ReadOnlyMemory<byte> Bytes => _compact;

    /// <summary><c>kid</c> of a session key.</summary>
    /// <param name="delegation">Whose.</param>
    /// <param name="number">Of the bundle.</param>
    public static string SessionKeyId(string delegation, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{delegation}#session-{number}");

    /// <summary><c>kid</c> of a one-time key.</summary>
    /// <param name="delegation">Whose.</param>
    /// <param name="id">Of the key, from 1; none ever comes back.</param>
    public static string OneTimeKeyId(string delegation, long id) =>
        string.Create(CultureInfo.InvariantCulture, $"{delegation}#once-{id}");

    /// <summary>True for the <c>kid</c> of a session key or a one-time key, whosever.</summary>
    /// <param name="keyId">As a content names its key.</param>
    public static bool IsPrekey(string keyId)
    {
        ArgumentNullException.ThrowIfNull(keyId);
        return keyId.Contains("#session-", StringComparison.Ordinal) || keyId.Contains("#once-", StringComparison.Ordinal);
    }

    /// <summary>The one-time key of an id; null when the bundle has none.</summary>
    public PublicJwk? Find(long id) => id >= First && id - First < OneTime.Length ? OneTime[(int)(id - First)] : null;

    /// <summary>Signs a bundle.</summary>
    /// <param name="draft">The keys.</param>
    /// <param name="identity">The delegation's identity key, P-256.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">A value breaks a rule of the format; the message says which.</exception>
    public static async ValueTask<PrekeyBundle> SignAsync(
        PrekeyBundleDraft draft, IJwsSigner identity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(draft);
        ArgumentNullException.ThrowIfNull(identity);
        var compact = await CompactJws.SignAsync(
            json => IdentityJws.WriteHeader(json, identity, Type),
            json => WritePayload(json, draft, identity.KeyId.Split('#')[0]),
            identity,
            cancellationToken).ConfigureAwait(false);
        return TryParse(compact, out var bundle, out _, out var detail) ? bundle : throw new ArgumentException(detail);
    }

    /// <summary>Reads without verifying the signature. Never throws on bad input.</summary>
    /// <param name="compact">ASCII.</param>
    /// <param name="bundle">Null when false.</param>
    /// <param name="fault">Why not; <see cref="PrekeyFault.None"/> when true.</param>
    /// <param name="detail">What was expected and what came; empty when true.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> compact, [NotNullWhen(true)] out PrekeyBundle? bundle, out PrekeyFault fault, out string detail)
    {
        bundle = null;
        if (!PrekeyPayload.TryOpen(compact, MaxBytes, Type, out var parts, out var keyId, out fault, out detail)) return false;
        fault = PrekeyFault.NotJson;
        if (!StrictJsonDocument.TryParse(parts.Payload, MaxBytes, out var document, out detail)) return false;
        using (document)
        {
            var payload = new PrekeyBundlePayload(document.RootElement, IdentityJws.DelegationOf(keyId));
            (fault, detail) = (payload.Fault, payload.Detail);
            if (fault != PrekeyFault.None) return false;
            bundle = new PrekeyBundle(compact.ToArray(), parts)
            {
                Negotiation = payload.Negotiation!,
                Number = payload.Number,
                IssuedAt = payload.IssuedAt,
                ExpiresAt = payload.ExpiresAt,
                Session = payload.Session!,
                OneTime = payload.OneTime,
                First = payload.First,
                KeyId = keyId,
            };
        }
        return true;
    }

    /// <summary>Checks that the delegation's identity key has signed it.</summary>
    /// <param name="document">The negotiation document that names the identity keys.</param>
    /// <param name="detail">What was expected and what came; empty without a fault.</param>
    public PrekeyFault Verify(NegotiationDocument document, out string detail) =>
        PrekeyPayload.Verify(document, Negotiation, KeyId, _compact, _parts, out detail);

    private static void WritePayload(Utf8JsonWriter json, PrekeyBundleDraft draft, string delegation)
    {
        json.WriteString("negotiation"u8, draft.Negotiation);
        json.WriteString("delegation"u8, delegation);
        json.WriteNumber("number"u8, draft.Number);
        json.WriteNumber("issued"u8, draft.IssuedAt.ToUnixTimeSeconds());
        json.WriteNumber("expires"u8, draft.ExpiresAt.ToUnixTimeSeconds());
        json.WritePropertyName("session"u8);
        draft.Session.WriteTo(json, draft.Session.KeyId, default);
        json.WriteStartArray("oneTime"u8);
        foreach (var key in draft.OneTime)
        {
            key.WriteTo(json, key.KeyId, default);
        }

        json.WriteEndArray();
    }
}
