using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// A delegation's request for keys to seal to: whose, and for which envelopes of its own. As read: well formed; what it is worth is
/// <see cref="Verify"/>. Immutable.
/// </summary>
/// <remarks>
/// JWS compact (RFC 7515 section 7.1) by the claimer's identity key. Header exactly <c>alg</c> ES256, <c>kid</c> and <c>typ</c>
/// relay-claim; payload exactly <c>target</c>, <c>envelopes</c> (ids) and <c>iat</c> (seconds since 1970).
/// </remarks>
public sealed class PrekeyClaim
{
    /// <summary><c>typ</c>.</summary>
    public const string Type = "relay-claim";

    /// <summary>Longest compact text: 20 KiB; 100 ids of full length are 18 KB.</summary>
    public const int MaxBytes = 20 * 1024;

    /// <summary>Most envelopes of a claim: 100.</summary>
    public const int MaxEnvelopes = 100;

    private readonly byte[] _compact;
    private readonly CompactJws _parts;

    private PrekeyClaim(byte[] compact, CompactJws parts)
    {
        _compact = compact;
        _parts = parts;
    }

    /// <summary>The delegation whose keys are asked for.</summary>
    public required string Target { get; init; }

    /// <summary>The envelopes that the keys are for, all of one negotiation and of <see cref="Claimer"/>; 1 to 100, distinct.</summary>
    public required ImmutableArray<EnvelopeId> Envelopes { get; init; }

    /// <summary>When it was asked, by the claimer's clock; whole seconds.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>Identity key that is said to have signed.</summary>
    public required string KeyId { get; init; }

    /// <summary>The delegation that asks.</summary>
    public string Claimer => IdentityJws.DelegationOf(KeyId);

    /// <summary>The negotiation.</summary>
    public string Negotiation => Envelopes[0].Negotiation;

    /// <summary>The compact text, ASCII.</summary>
    public ReadOnlyMemory<byte> Bytes => _compact;

    /// <summary>Signs a claim.</summary>
    /// <param name="target">Whose keys.</param>
    /// <param name="envelopes">For which envelopes.</param>
    /// <param name="at">The claimer's clock; parts of seconds are cut.</param>
    /// <param name="identity">The claimer's identity key, P-256.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ArgumentException">A value breaks a rule of the format; the message says which.</exception>
    public static async ValueTask<PrekeyClaim> SignAsync(
        string target, IReadOnlyList<EnvelopeId> envelopes, DateTimeOffset at, IJwsSigner identity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelopes);
        ArgumentNullException.ThrowIfNull(identity);
        var compact = await CompactJws.SignAsync(
            json => IdentityJws.WriteHeader(json, identity, Type),
            json =>
            {
                json.WriteString("target"u8, target);
                json.WriteStartArray("envelopes"u8);
                foreach (var id in envelopes)
                {
                    json.WriteStringValue(id.ToString());
                }

                json.WriteEndArray();
                json.WriteNumber("iat"u8, at.ToUnixTimeSeconds());
            },
            identity,
            cancellationToken).ConfigureAwait(false);
        return TryParse(compact, out var claim, out _, out var detail) ? claim : throw new ArgumentException(detail);
    }

    /// <summary>Reads without verifying the signature. Never throws on bad input.</summary>
    /// <param name="compact">ASCII.</param>
    /// <param name="claim">Null when false.</param>
    /// <param name="fault">Why not; <see cref="PrekeyFault.None"/> when true.</param>
    /// <param name="detail">What was expected and what came; empty when true.</param>
    public static bool TryParse(
        ReadOnlySpan<byte> compact, [NotNullWhen(true)] out PrekeyClaim? claim, out PrekeyFault fault, out string detail)
    {
        claim = null;
        if (!PrekeyPayload.TryOpen(compact, MaxBytes, Type, out var parts, out var keyId, out fault, out detail)) return false;
        fault = PrekeyFault.NotJson;
        if (!StrictJsonDocument.TryParse(parts.Payload, MaxBytes, out var document, out detail)) return false;
        using (document)
        {
            var payload = document.RootElement;
            (fault, detail) = (PrekeyFault.BadMembers, "expected exactly target, envelopes and iat, got others");
            if (!PrekeyPayload.HasExactly(payload, "target", "envelopes", "iat")) return false;
            var (target, claimer) = (payload.Text("target"), IdentityJws.DelegationOf(keyId));
            (fault, detail) = (
                PrekeyFault.BadName,
                $"expected 'target' to be another delegation, got {PrekeyPayload.Shown(payload.GetProperty("target"))}");
            if (!RelayName.IsValid(target) || target == claimer) return false;
            fault = PrekeyFault.BadEnvelopes;
            if (ReadEnvelopes(payload.GetProperty("envelopes"), claimer, out detail) is not { } envelopes) return false;
            var issued = payload.GetProperty("iat");
            (fault, detail) = (
                PrekeyFault.BadTime, $"expected 'iat' in whole seconds since 1970, got {PrekeyPayload.Shown(issued)}");
            if (!PrekeyPayload.TryNumber(issued, StrictDecimal.MaxNumericDate, out var seconds)) return false;
            (fault, detail) = (PrekeyFault.None, "");
            claim = new PrekeyClaim(compact.ToArray(), parts)
            {
                Target = target,
                Envelopes = envelopes,
                IssuedAt = DateTimeOffset.FromUnixTimeSeconds(seconds),
                KeyId = keyId,
            };
        }
        return true;
    }

    /// <summary>Checks that the claimer's identity key has signed it, and that the claimer may address the target.</summary>
    /// <param name="document">The negotiation document that names the identity keys.</param>
    /// <param name="detail">What was expected and what came; empty without a fault.</param>
    public PrekeyFault Verify(NegotiationDocument document, out string detail)
    {
        var fault = PrekeyPayload.Verify(document, Negotiation, KeyId, _compact, _parts, out detail);
        if (fault != PrekeyFault.None || document.MayAddress(Claimer, Target)) return fault;
        detail = $"expected a delegation that {Claimer} may address, got {Target}";
        return PrekeyFault.RouteForbidden;
    }

    private static ImmutableArray<EnvelopeId>? ReadEnvelopes(JsonElement array, string claimer, out string detail)
    {
        detail = $"expected 'envelopes' to be a list of 1 to {MaxEnvelopes} envelope ids, got something else";
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() is 0 or > MaxEnvelopes) return null;
        var seen = new HashSet<EnvelopeId>();
        var envelopes = ImmutableArray.CreateBuilder<EnvelopeId>();
        foreach (var item in array.EnumerateArray())
        {
            detail = $"expected distinct envelopes of one negotiation, sent by {claimer}, got {PrekeyPayload.Shown(item)}";
            if (item.ValueKind != JsonValueKind.String || !EnvelopeId.TryParse(item.GetString(), out var id)) return null;
            if (id.Sender != claimer || !seen.Add(id)) return null;
            if (envelopes.Count > 0 && id.Negotiation != envelopes[0].Negotiation) return null;
            envelopes.Add(id);
        }
        detail = "";
        return envelopes.DrainToImmutable();
    }
}
