using System.Text.Json;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>A signed head in an entry, as the checker reads it.</summary>
/// <param name="Policy">Digest of the document that it was judged by.</param>
/// <param name="Digest">SHA-256 of the head's bytes.</param>
/// <param name="Id">The envelope id.</param>
/// <param name="Stream"><c>{sender}-{lane}</c>.</param>
/// <param name="Sequence">Of the envelope.</param>
/// <param name="Audience">Addressed delegations.</param>
/// <param name="Previous">Digest of the previous envelope; null on sequence 1.</param>
/// <param name="Seen">Checkpoint the sender had seen; null when none.</param>
/// <param name="From">Seconds since 1970 from which on it was written and may be delivered.</param>
/// <param name="Until">Seconds since 1970 at which it expires.</param>
/// <param name="Signatures">Those that counted.</param>
internal sealed record CheckedSignedHead(
    Digest Policy,
    Digest Digest,
    string Id,
    string Stream,
    long Sequence,
    IReadOnlyList<string> Audience,
    Digest? Previous,
    (long Size, Digest Root)? Seen,
    long From,
    long Until,
    IReadOnlyList<CheckedSignature> Signatures)
{
    private const int MaxSignatures = 32;

    public string Sender => Stream[..Stream.LastIndexOf('-')];

    /// <summary>Reads policy, head and signature lines, and moves past them; null when they are something else.</summary>
    public static CheckedSignedHead? Read(string[] lines, ref int at, string negotiation)
    {
        if (at + 2 >= lines.Length || !CheckText.TryDigest(lines[at], out var policy)) return null;
        if (CheckText.Base64(lines[at + 1]) is not { } head) return null;
        at += 2;
        var signatures = new List<CheckedSignature>();
        for (; at < lines.Length && lines[at].Contains(' '); at++)
        {
            if (signatures.Count == MaxSignatures || CheckedSignature.Parse(lines[at], head) is not { } signature) return null;
            signatures.Add(signature);
        }

        if (signatures.Count == 0) return null;
        try
        {
            using var json = JsonDocument.Parse(head);
            return Read(json.RootElement, policy, Digest.Of(head), signatures, negotiation);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static CheckedSignedHead? Read(
        JsonElement head, Digest policy, Digest digest, List<CheckedSignature> signatures, string negotiation)
    {
        var id = head.GetProperty("jti").GetString() ?? "";
        if (!CheckText.TryId(id, out var ledger, out var stream, out var sequence) || ledger != negotiation) return null;
        var audience = head.GetProperty("aud").EnumerateArray().Select(name => name.GetString() ?? "").ToList();
        var sender = stream[..stream.LastIndexOf('-')];
        if (audience.Count == 0 || !audience.TrueForAll(CheckText.IsName) || audience.Contains(sender)) return null;
        Digest? previous = null;
        if (head.TryGetProperty("prev", out var text))
        {
            if (!CheckText.TryUrlDigest(text.GetString(), out var value)) return null;
            previous = value;
        }

        if (previous is null != (sequence == 1) || !CheckText.TryUrlDigest(head.GetProperty("content").GetString(), out _)) return null;
        (long, Digest)? seen = null;
        if (head.TryGetProperty("seen", out var checkpoint))
        {
            if (!CheckText.TryUrlDigest(checkpoint.GetProperty("root").GetString(), out var root)) return null;
            seen = (checkpoint.GetProperty("size").GetInt64(), root);
        }

        var from = head.GetProperty("iat").GetInt64();
        if (head.TryGetProperty("nbf", out var begins)) from = Math.Max(from, begins.GetInt64());
        var until = head.GetProperty("exp").GetInt64();
        return new CheckedSignedHead(policy, digest, id, stream, sequence, audience, previous, seen, from, until, signatures);
    }
}
