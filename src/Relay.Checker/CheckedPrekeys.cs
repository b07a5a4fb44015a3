using System.Text.Json;
using System.Text.RegularExpressions;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>An entry about prekeys, as the checker reads it: a bundle, or a claim of keys.</summary>
/// <param name="Delegation">Whose keys.</param>
/// <param name="Number">Of the bundle.</param>
/// <param name="Bundle">Digest of the bundle.</param>
/// <param name="Previous">Index of the entry before in the delegation's chain; 0 for none.</param>
/// <param name="First">First one-time key: of the bundle, or handed out; 0 for none.</param>
/// <param name="Count">One-time keys in the bundle, or handed out.</param>
/// <param name="Left">Those left afterwards.</param>
/// <param name="Envelopes">Of a claim: envelope ids without the negotiation, each with its mark.</param>
/// <param name="Jws">What the delegation, or the claimer, signed.</param>
internal sealed partial record CheckedPrekeys(
    string Delegation,
    long Number,
    Digest Bundle,
    long Previous,
    long First,
    int Count,
    int Left,
    IReadOnlyList<(string Id, char Mark)> Envelopes,
    CheckedJws Jws)
{
    private const int MaxBundle = 32 * 1024;
    private const int MaxClaim = 20 * 1024;
    private const int MaxKeys = 100;
    private const long MaxLifeSeconds = 14 * 24 * 3600;

    /// <summary>The lines of a bundle's entry from the policy on; null when they are something else.</summary>
    public static CheckedPrekeys? ParseBundle(string[] lines, string negotiation)
    {
        if (lines.Length != 5 || !CheckText.TryNumber(lines[3], out var previous)) return null;
        if (CheckedJws.Parse(lines[4], MaxBundle, "relay-prekeys") is not { } jws) return null;
        try
        {
            using var json = JsonDocument.Parse(jws.Payload, CheckedJws.Strict);
            var read = json.RootElement;
            if (!CheckedJws.Is(read, ["delegation", "expires", "issued", "negotiation", "number", "oneTime", "session"])) return null;
            if (read.GetProperty("negotiation").GetString() != negotiation) return null;
            if (read.GetProperty("delegation").GetString() != jws.Delegation) return null;
            if (!CheckText.TryNumber(read.GetProperty("number").GetRawText(), out var number) || number < 1) return null;
            if (!CheckText.TryNumber(read.GetProperty("issued").GetRawText(), out var issued)) return null;
            if (!CheckText.TryNumber(read.GetProperty("expires").GetRawText(), out var expires)) return null;
            if (expires <= issued || expires - issued > MaxLifeSeconds) return null;
            var (session, kind) = (read.GetProperty("session"), read.GetProperty("session").GetProperty("kty").GetString());
            if (ReadKey(session, $"{jws.Delegation}#session-") != number) return null;
            // All of one kind.
            if (read.GetProperty("oneTime").EnumerateArray().Any(key => key.GetProperty("kty").GetString() != kind)) return null;
            var keys = read.GetProperty("oneTime").EnumerateArray().Select(key => ReadKey(key, $"{jws.Delegation}#once-")).ToList();
            if (keys.Count > MaxKeys || keys.Where((key, i) => key < 1 || key != keys[0] + i).Any()) return null;
            var digest = Digest.Of(System.Text.Encoding.ASCII.GetBytes(lines[4]));
            return new(jws.Delegation, number, digest, previous, keys.Count == 0 ? 0 : keys[0], keys.Count, keys.Count, [], jws);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The lines of a claim's entry from the policy on; null when they are something else.</summary>
    public static CheckedPrekeys? ParseClaim(string[] lines, string negotiation)
    {
        if (lines.Length != 10
            || !CheckText.TryNumber(lines[3], out var number)
            || !CheckText.TryDigest(lines[4], out var bundle)
            || !CheckText.TryNumber(lines[5], out var previous)
            || !CheckText.TryNumber(lines[6], out var first)
            || !CheckText.TryNumber(lines[7], out var left)
            || left > MaxKeys
            || !Marks().IsMatch(lines[8])
            || CheckedJws.Parse(lines[9], MaxClaim, "relay-claim") is not { } jws)
        {
            return null;
        }
        var (marks, count) = (lines[8], lines[8].Count(mark => mark == 'n'));
        var isLast = marks.Contains('s');
        if (number < 1 || previous < 1 || first > 0 != count > 0 || (!isLast && count == 0) || (isLast && left > 0)) return null;
        try
        {
            using var json = JsonDocument.Parse(jws.Payload, CheckedJws.Strict);
            var read = json.RootElement;
            if (!CheckedJws.Is(read, ["envelopes", "iat", "target"])) return null;
            if (!CheckText.TryNumber(read.GetProperty("iat").GetRawText(), out _)) return null;
            var target = read.GetProperty("target").GetString() ?? "";
            var prefix = $"{negotiation}/{jws.Delegation}/";
            var ids = read.GetProperty("envelopes").EnumerateArray().Select(id => id.GetString() ?? "").ToList();
            if (!CheckText.IsName(target) || target == jws.Delegation || ids.Distinct().Count() != ids.Count) return null;
            if (ids.Count != marks.Length || ids.Exists(id => !id.StartsWith(prefix, StringComparison.Ordinal))) return null;
            if (ids.Exists(id => !CheckText.TryId(id, out _, out _, out _))) return null;
            var envelopes = ids.Select((id, i) => (id[(negotiation.Length + 1)..], marks[i])).ToList();
            return new(target, number, bundle, previous, first, count, (int)left, envelopes, jws);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    private static long ReadKey(JsonElement jwk, string prefix)
    {
        if (jwk.GetProperty("kty").GetString() == "AKP")
        {
            if (!CheckedJws.Is(jwk, ["alg", "kid", "kty", "pub"])) throw new FormatException();
            CheckText.RequireHybrid(jwk);
        }
        else
        {
            if (!CheckedJws.Is(jwk, ["crv", "kid", "kty", "x", "y"])) throw new FormatException();
            CheckText.ReadP256(jwk);
        }
        var id = jwk.GetProperty("kid").GetString() ?? "";
        return id.StartsWith(prefix, StringComparison.Ordinal) && CheckText.TryNumber(id[prefix.Length..], out var number) ? number : 0;
    }

    // One-time keys first, then the session's, those with a key already anywhere.
    [GeneratedRegex(@"^[nr]*[sr]*\z")]
    private static partial Regex Marks();
}
