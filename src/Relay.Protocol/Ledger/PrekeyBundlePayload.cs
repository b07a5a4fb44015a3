using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Text;
using static Relay.Protocol.Ledger.PrekeyPayload;

namespace Relay.Protocol.Ledger;

/// <summary>Reads the payload of a bundle, member by member, as far as none breaks its rule.</summary>
internal readonly struct PrekeyBundlePayload
{
    public PrekeyBundlePayload(JsonElement payload, string signer)
    {
        OneTime = [];
        (Fault, Detail) = (
            PrekeyFault.BadMembers,
            "expected exactly negotiation, delegation, number, issued, expires, session and oneTime, got others");
        if (!HasExactly(payload, "negotiation", "delegation", "number", "issued", "expires", "session", "oneTime")) return;
        Negotiation = payload.Text("negotiation");
        (Fault, Detail) = (PrekeyFault.BadName, $"expected 'negotiation' to be a name, got {Shown(payload.GetProperty("negotiation"))}");
        if (!RelayName.IsValid(Negotiation)) return;
        var delegation = payload.GetProperty("delegation");
        (Fault, Detail) = (PrekeyFault.BadName, $"expected 'delegation' to be {signer}, whose key has signed, got {Shown(delegation)}");
        if (payload.Text("delegation") != signer) return;
        var number = payload.GetProperty("number");
        (Fault, Detail) = (PrekeyFault.BadNumber, $"expected 'number' from 1 to 2^53 - 1, got {Shown(number)}");
        if (!TryNumber(number, EnvelopeId.MaxSequence, out var count) || count == 0) return;
        Number = count;
        var (issued, expires) = (payload.GetProperty("issued"), payload.GetProperty("expires"));
        (Fault, Detail) = (
            PrekeyFault.BadTime,
            $"expected 'expires' at most {PrekeyBundle.MaxLifetime.TotalDays} days after 'issued', both in whole seconds since 1970, "
                + $"got {Shown(issued)} and {Shown(expires)}");
        if (!TryNumber(issued, StrictDecimal.MaxNumericDate, out var from) || !TryNumber(expires, StrictDecimal.MaxNumericDate, out var to))
        {
            return;
        }
        if (to <= from || to - from > (long)PrekeyBundle.MaxLifetime.TotalSeconds) return;
        (IssuedAt, ExpiresAt) = (DateTimeOffset.FromUnixTimeSeconds(from), DateTimeOffset.FromUnixTimeSeconds(to));
        (Fault, Detail) = (PrekeyFault.BadKey, "");
        Session = ReadKey(payload.GetProperty("session"), out var error);
        Detail = $"session: {error}";
        if (Session is null) return;
        Detail = $"expected 'session' under the name {PrekeyBundle.SessionKeyId(signer, Number)}, got {Excerpt.Of(Session.KeyId)}";
        if (Session.KeyId != PrekeyBundle.SessionKeyId(signer, Number)) return;
        (Fault, Detail, OneTime, First) = ReadOneTime(payload.GetProperty("oneTime"), signer, Session);
    }

    public PrekeyFault Fault { get; }

    public string Detail { get; }

    public string? Negotiation { get; }

    public long Number { get; }

    public DateTimeOffset IssuedAt { get; }

    public DateTimeOffset ExpiresAt { get; }

    public PublicJwk? Session { get; }

    public ImmutableArray<PublicJwk> OneTime { get; }

    public long First { get; }

    private static (PrekeyFault Fault, string Detail, ImmutableArray<PublicJwk> Keys, long First) ReadOneTime(
        JsonElement array, string delegation, PublicJwk session)
    {
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() > PrekeyBundle.MaxOneTime)
        {
            return (PrekeyFault.BadOneTime, $"expected 'oneTime' to be a list of at most {PrekeyBundle.MaxOneTime} keys", [], 0);
        }
        var keys = ImmutableArray.CreateBuilder<PublicJwk>(array.GetArrayLength());
        // One point under two names would be used twice.
        var points = new HashSet<Digest> { session.Thumbprint() };
        var first = 0L;
        foreach (var item in array.EnumerateArray())
        {
            if (ReadKey(item, out var error) is not { } key) return (PrekeyFault.BadKey, $"oneTime[{keys.Count}]: {error}", [], 0);
            // Whoever seals must not get a weaker key where the stronger ones are used up, nor guess which it will be.
            if (key.Kind != session.Kind)
            {
                return (PrekeyFault.BadKey, $"expected keys of one kind, {session.Kind} as the session's, got {key.Kind}", [], 0);
            }
            var prefix = $"{delegation}#once-";
            var id = 0L;
            if (!key.KeyId!.StartsWith(prefix, StringComparison.Ordinal)
                || !StrictDecimal.TryParse(
                    System.Text.Encoding.ASCII.GetBytes(key.KeyId[prefix.Length..]), EnvelopeId.MaxSequence, out id)
                || id == 0)
            {
                return (PrekeyFault.BadKey, $"expected a key named {prefix}{{id}}, got {Excerpt.Of(key.KeyId)}", [], 0);
            }
            if (keys.Count == 0) first = id;
            if (id != first + keys.Count)
            {
                var expected = string.Create(CultureInfo.InvariantCulture, $"expected key {first + keys.Count} next, got {id}");
                return (PrekeyFault.BadOneTime, expected, [], 0);
            }
            if (!points.Add(key.Thumbprint())) return (PrekeyFault.BadKey, $"expected each key once, got {key.KeyId} again", [], 0);
            keys.Add(key);
        }
        return (PrekeyFault.None, "", keys.DrainToImmutable(), first);
    }

    private static PublicJwk? ReadKey(JsonElement json, out string error)
    {
        error = "expected a JWK of exactly kty EC, crv P-256, x, y and kid, or of kty AKP, alg, pub and kid, got another value";
        var isCurve = HasExactly(json, "kty", "crv", "x", "y", "kid") && json.Text("kty") == "EC" && json.Text("crv") == "P-256";
        if (!isCurve && !(HasExactly(json, "kty", "alg", "pub", "kid") && json.Text("kty") == "AKP")) return null;
        return PublicJwk.TryRead(json, out var jwk, out error) ? jwk : null;
    }
}
