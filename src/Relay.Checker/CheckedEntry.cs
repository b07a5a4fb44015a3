using System.Text;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>An entry as the checker reads it.</summary>
/// <param name="Kind">Its first line.</param>
/// <param name="Stream"><c>{sender}-{lane}</c> of an envelope or evidence entry; empty for others.</param>
/// <param name="Sequence">Of an envelope or evidence entry.</param>
/// <param name="Id">The envelope id.</param>
/// <param name="Digest">Of the envelope, or of a policy; what the ledger holds, for evidence.</param>
/// <param name="Other">Policy digest of an envelope; what came, for evidence.</param>
/// <param name="Note">What evidence shows; a policy's version.</param>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record CheckedEntry(string Kind, string Stream, long Sequence, string Id, Digest Digest, Digest Other, string Note, long At)
{
    public const string Envelope = "relay/envelope/v1";
    public const string Evidence = "relay/evidence/v1";
    public const string Policy = "relay/policy/v1";
    private const string Mode = "relay/mode/v1";
    private const string Heartbeat = "relay/heartbeat/v1";

    public static CheckedEntry? Parse(ReadOnlySpan<byte> bytes, string negotiation)
    {
        if (bytes.IsEmpty || bytes[^1] != (byte)'\n' || bytes.ContainsAnyExceptInRange((byte)'\n', (byte)'~')) return null;
        var lines = Encoding.ASCII.GetString(bytes[..^1]).Split('\n');
        if (!CheckText.TryNumber(lines[^1], out var at)) return null;
        return lines[0] switch
        {
            Envelope when lines.Length == 7 => ReadEnvelope(lines, at, negotiation),
            Evidence when lines.Length == 6 => ReadEvidence(lines, at, negotiation),
            Policy when lines.Length == 4
                && CheckText.TryNumber(lines[1], out var version)
                && version > 0
                && CheckText.TryDigest(lines[2], out var digest) =>
                new(Policy, "", 0, "", digest, default, lines[1], at),
            Mode when lines.Length == 3 && lines[1] is "open" or "read-only" or "closed" => new(
                Mode, "", 0, "", default, default, lines[1], at),
            Heartbeat when lines.Length == 2 => new(Heartbeat, "", 0, "", default, default, "", at),
            _ => null,
        };
    }

    private static CheckedEntry? ReadEnvelope(string[] lines, long at, string negotiation)
    {
        if (!CheckText.TryId(lines[1], out var ledger, out var stream, out var sequence) || ledger != negotiation) return null;
        if (!CheckText.TryDigest(lines[2], out var digest) || !CheckText.TryDigest(lines[5], out var policy)) return null;
        if (!CheckText.TryNames(lines[3], out var audience) || !CheckText.TryNames(lines[4], out _)) return null;
        return audience.Contains(stream[..stream.LastIndexOf('-')])
            ? null
            : new(Envelope, stream, sequence, lines[1], digest, policy, "", at);
    }

    private static CheckedEntry? ReadEvidence(string[] lines, long at, string negotiation)
    {
        if (!CheckText.TryId(lines[1], out var ledger, out var stream, out var sequence) || ledger != negotiation) return null;
        if (lines[2] is not ("equivocation" or "broken-chain" or "fork-seen")) return null;
        return CheckText.TryDigest(lines[3], out var held) && CheckText.TryDigest(lines[4], out var came)
            ? new(Evidence, stream, sequence, lines[1], held, came, lines[2], at)
            : null;
    }
}
