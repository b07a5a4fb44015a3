using System.Security.Cryptography;
using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>What a negotiation document says of its mediators, as the checker reads it.</summary>
/// <param name="Mediators">Name and weight by vault key without version, lower case.</param>
/// <param name="Quorum">Weight that an envelope needs.</param>
/// <param name="Identities">Identity keys of the delegations, by key id.</param>
internal sealed record CheckedPolicy(
    IReadOnlyDictionary<string, (string Name, long Weight)> Mediators, long Quorum, IReadOnlyDictionary<string, ECParameters> Identities)
{
    /// <summary>Null, and why, unless it is the document of that digest for that negotiation.</summary>
    public static CheckedPolicy? Parse(ReadOnlyMemory<byte> bytes, Digest digest, string negotiation, out string problem)
    {
        problem = "expected the document that its name is the hash of, got another";
        if (Digest.Of(bytes.Span) != digest) return null;
        problem = $"expected a negotiation document of {negotiation}, got something else";
        try
        {
            using var json = JsonDocument.Parse(bytes);
            var root = json.RootElement;
            if (root.GetProperty("negotiation").GetString() != negotiation) return null;
            var mediators = root.GetProperty("mediators").EnumerateObject().ToDictionary(
                mediator => (mediator.Value.GetProperty("key").GetString() ?? "").ToLowerInvariant(),
                mediator => (mediator.Name, mediator.Value.GetProperty("weight").GetInt64()));
            problem = "";
            return new CheckedPolicy(mediators, root.GetProperty("quorum").GetInt64(), ReadIdentities(root.GetProperty("delegations")));
        }
        catch (Exception e) when (
            e is JsonException
                or KeyNotFoundException
                or InvalidOperationException
                or FormatException
                or ArgumentException
                or CryptographicException)
        {
            return null;
        }
    }

    private static Dictionary<string, ECParameters> ReadIdentities(JsonElement delegations)
    {
        var identities = new Dictionary<string, ECParameters>(StringComparer.Ordinal);
        foreach (var delegation in delegations.EnumerateObject())
        {
            if (!delegation.Value.TryGetProperty("identityKeys", out var keys)) continue;
            foreach (var key in keys.EnumerateArray())
            {
                var id = key.GetProperty("kid").GetString() ?? "";
                if (!id.StartsWith(delegation.Name + "#", StringComparison.Ordinal)) throw new FormatException(id);
                identities.Add(id, CheckText.ReadP256(key));
            }
        }

        return identities;
    }

    /// <summary>Whose key, with version, this is; null when nobody's.</summary>
    public (string Name, long Weight)? Find(string keyId) =>
        keyId.LastIndexOf('/') is > 0 and var slash && Mediators.TryGetValue(keyId[..slash].ToLowerInvariant(), out var found)
            ? found
            : null;
}
