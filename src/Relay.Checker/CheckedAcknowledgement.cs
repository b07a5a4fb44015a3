using System.Security.Cryptography;
using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>An acknowledgement in an entry, as the checker reads it.</summary>
/// <param name="Id">The envelope id.</param>
/// <param name="Stream"><c>{sender}-{lane}</c>.</param>
/// <param name="Sequence">Of the envelope.</param>
/// <param name="Digest">Of the envelope.</param>
/// <param name="State">"opened", or "refused" with the reason.</param>
/// <param name="Jws">What the delegation signed.</param>
internal sealed partial record CheckedAcknowledgement(
    string Id, string Stream, long Sequence, Digest Digest, string State, CheckedJws Jws)
{
    public string KeyId => Jws.KeyId;

    public string Delegation => Jws.Delegation;

    /// <summary>Null when it is something else, or of another negotiation.</summary>
    public static CheckedAcknowledgement? Parse(string compact, string negotiation)
    {
        if (CheckedJws.Parse(compact, 1024, "relay-acknowledgement") is not { } jws) return null;
        try
        {
            using var payload = JsonDocument.Parse(jws.Payload, CheckedJws.Strict);
            return Read(payload.RootElement, negotiation, jws);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>True when this key has signed it.</summary>
    public bool IsSignedBy(ECParameters key) => Jws.IsSignedBy(key);

    private static CheckedAcknowledgement? Read(JsonElement payload, string negotiation, CheckedJws jws)
    {
        var state = payload.GetProperty("state").GetString();
        var reason = state == "refused" ? payload.GetProperty("reason").GetString() ?? "" : null;
        if (state is not ("opened" or "refused") || (reason is not null && !Reason().IsMatch(reason))) return null;
        string[] members = reason is null ? ["digest", "iat", "jti", "state"] : ["digest", "iat", "jti", "reason", "state"];
        if (!CheckedJws.Is(payload, members)) return null;
        var id = payload.GetProperty("jti").GetString() ?? "";
        if (!CheckText.TryId(id, out var ledger, out var stream, out var sequence) || ledger != negotiation) return null;
        if (!CheckText.TryUrlDigest(payload.GetProperty("digest").GetString(), out var digest)) return null;
        if (!CheckText.TryNumber(payload.GetProperty("iat").GetRawText(), out _)) return null;
        return new CheckedAcknowledgement(
            id, stream, sequence, digest, reason is null ? state : $"refused ({reason})", jws);
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"^(?=.{1,64}\z)[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial System.Text.RegularExpressions.Regex Reason();
}
