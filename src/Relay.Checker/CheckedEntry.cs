using System.Text;
using Relay.Protocol.Text;

namespace Relay.Checker;

/// <summary>An entry as the checker reads it.</summary>
/// <param name="Kind">Its first line.</param>
/// <param name="Heads">Of an envelope one; of evidence what is contradicted, if anything, and what came; of others none.</param>
/// <param name="Policy">Digest of a policy entry's document, or of the one that an acknowledgement, a bundle or a claim names.</param>
/// <param name="Note">What evidence shows; a policy's version; a mode.</param>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record CheckedEntry(string Kind, IReadOnlyList<CheckedSignedHead> Heads, Digest Policy, string Note, long At)
{
    public const string Envelope = "relay/envelope/v2";
    public const string Evidence = "relay/evidence/v2";
    public const string AcknowledgementKind = "relay/acknowledgement/v1";
    public const string PrekeysKind = "relay/prekeys/v1";
    public const string ClaimKind = "relay/claim/v1";
    public const string PolicyKind = "relay/policy/v1";
    public const string ModeKind = "relay/mode/v1";
    private const string Heartbeat = "relay/heartbeat/v1";

    /// <summary>What a delegation said of an envelope; null in entries of other kinds.</summary>
    public CheckedAcknowledgement? Said { get; private init; }

    /// <summary>Of a bundle or a claim of prekeys: what it says.</summary>
    public CheckedPrekeys? Prekeys { get; init; }

    /// <summary>The head of an envelope, or the one that came.</summary>
    public CheckedSignedHead Head => Heads[^1];

    public static CheckedEntry? Parse(ReadOnlySpan<byte> bytes, string negotiation)
    {
        if (bytes.IsEmpty || bytes[^1] != (byte)'\n' || bytes.ContainsAnyExceptInRange((byte)'\n', (byte)'~')) return null;
        var lines = Encoding.ASCII.GetString(bytes[..^1]).Split('\n');
        var isAhead = lines[0] is Envelope or Evidence or AcknowledgementKind or PrekeysKind or ClaimKind;
        var time = isAhead && lines.Length > 1 ? lines[1] : lines[^1];
        if (!CheckText.TryNumber(time, out var at)) return null;
        return lines[0] switch
        {
            Envelope => ReadHeads(lines, 2, 1, negotiation) is { } heads ? new(Envelope, heads, default, "", at) : null,
            Evidence when lines.Length > 3 => ReadEvidence(lines, at, negotiation),
            AcknowledgementKind when lines.Length == 4
                && CheckText.TryDigest(lines[2], out var named)
                && CheckedAcknowledgement.Parse(lines[3], negotiation) is { } said =>
                new(AcknowledgementKind, [], named, "", at) { Said = said },
            PrekeysKind or ClaimKind => ReadPrekeys(lines, at, negotiation),
            PolicyKind when lines.Length == 4
                && CheckText.TryNumber(lines[1], out var version)
                && version > 0
                && CheckText.TryDigest(lines[2], out var digest) =>
                new(PolicyKind, [], digest, lines[1], at),
            ModeKind when lines.Length == 3 && lines[1] is "open" or "read-only" or "closed" => new(ModeKind, [], default, lines[1], at),
            Heartbeat when lines.Length == 2 => new(Heartbeat, [], default, "", at),
            _ => null,
        };
    }

    private static List<CheckedSignedHead>? ReadHeads(string[] lines, int at, int count, string negotiation)
    {
        var heads = new List<CheckedSignedHead>();
        while (heads.Count < count)
        {
            if (CheckedSignedHead.Read(lines, ref at, negotiation) is not { } head) return null;
            heads.Add(head);
        }

        return at == lines.Length ? heads : null;
    }

    private static CheckedEntry? ReadPrekeys(string[] lines, long at, string negotiation)
    {
        if (lines.Length < 3 || !CheckText.TryDigest(lines[2], out var named)) return null;
        var read = lines[0] == PrekeysKind
            ? CheckedPrekeys.ParseBundle(lines, negotiation)
            : CheckedPrekeys.ParseClaim(lines, negotiation);
        return read is null ? null : new(lines[0], [], named, "", at) { Prekeys = read };
    }

    private static CheckedEntry? ReadEvidence(string[] lines, long at, string negotiation)
    {
        if (ReadHeads(lines, 3, lines[2] == "fork-seen" ? 1 : 2, negotiation) is not { } heads) return null;
        var (held, came) = (heads[0], heads[^1]);
        var isShown = lines[2] switch
        {
            "equivocation" => held.Id == came.Id && held.Digest != came.Digest,
            "broken-chain" => held.Stream == came.Stream && held.Sequence + 1 == came.Sequence && came.Previous != held.Digest,
            "fork-seen" => came.Seen is not null,
            _ => false,
        };
        return isShown ? new(Evidence, heads, default, lines[2], at) : null;
    }
}
