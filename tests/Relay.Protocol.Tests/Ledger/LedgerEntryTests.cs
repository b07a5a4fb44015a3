using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;
using Relay.Testing.Ledger;

namespace Relay.Protocol.Tests.Ledger;

public sealed class LedgerEntryTests
{
    private const string One = "S/USLzRFVMU73i67jNK349FgCtYxw4Wl18ziPHeFRZo=";

    // Spelt out, so that another implementation can compare: the digests are SHA-256 of the byte 0x01.
    private static readonly Dictionary<string, LedgerEntry> Written = new()
    {
        [$"relay/envelope/v2\n1795348800007\n{One}\n{Lines(First)}"] = new EnvelopeEntry { Judged = Judge(First), At = At },
        [$"relay/evidence/v2\n1795348800007\nequivocation\n{One}\n{Lines(First)}{One}\n{Lines(Other)}"] =
            Evidence(EvidenceKind.Equivocation, First, Other),
        [$"relay/evidence/v2\n1795348800007\nbroken-chain\n{One}\n{Lines(First)}{One}\n{Lines(Second)}"] =
            Evidence(EvidenceKind.BrokenChain, First, Second),
        [$"relay/evidence/v2\n1795348800007\nfork-seen\n{One}\n{Lines(Seen)}"] = Evidence(EvidenceKind.ForkSeen, Seen),
        [$"relay/acknowledgement/v1\n1795348800007\n{One}\n{Compact}\n"] =
            new AcknowledgementEntry { Policy = Digest.Of([1]), Acknowledgement = Said(), At = At },
        ["relay/mode/v1\nopen\n1795348800007\n"] = new ModeEntry { Mode = NegotiationMode.Open, At = At },
        ["relay/mode/v1\nread-only\n1795348800007\n"] = new ModeEntry { Mode = NegotiationMode.ReadOnly, At = At },
        ["relay/mode/v1\nclosed\n1795348800007\n"] = new ModeEntry { Mode = NegotiationMode.Closed, At = At },
        ["relay/heartbeat/v1\n1795348800007\n"] = new HeartbeatEntry { At = At },
        [$"relay/policy/v1\n7\n{One}\n1795348800007\n"] = new PolicyEntry { Version = 7, Policy = Digest.Of([1]), At = At },
    };

    // {"alg":"ES256","kid":"iran#1","typ":"relay-acknowledgement"}, an envelope refused as not-opened, and a signature of zeros.
    private static string Compact => string.Join(
        '.',
        new[]
        {
            """{"alg":"ES256","kid":"iran#1","typ":"relay-acknowledgement"}""",
            """{"jti":"doha-2026/us/normal/1","digest":"S_USLzRFVMU73i67jNK349FgCtYxw4Wl18ziPHeFRZo","state":"refused","""
                + "\"reason\":\"not-opened\",\"iat\":1}",
        }.Select(part => StrictBase64Url.Encode(Samples.Utf8(part))).Append(StrictBase64Url.Encode(new byte[64])));

    private static DateTimeOffset At => Samples.Issued.AddMilliseconds(7);

    [Fact]
    public void ToBytes_EveryKind_IsTheTextAndReadsBack()
    {
        foreach (var (text, entry) in Written)
        {
            Assert.Equal(text, Samples.Text(entry.ToBytes()));
            Assert.True(LedgerEntry.TryParse(Samples.Utf8(text), out var read, out var error), error);
            Assert.IsType(entry.GetType(), read);
            Assert.Equal(text, Samples.Text(read.ToBytes()));
            Assert.Equal(At, read.At);
            Assert.Equal(Digest.Of([0, .. Samples.Utf8(text)]), entry.LeafHash());
        }
    }

    [Fact]
    public void TryParse_EveryPrefix_IsFalseOrHasFewerSignatures()
    {
        foreach (var text in Written.Keys)
        {
            for (var length = 0; length < text.Length; length++)
            {
                if (!LedgerEntry.TryParse(Samples.Utf8(text[..length]), out var read, out _)) continue;
                // Cut after a signature: an entry of its own, with another leaf, whose quorum is for its reader to judge.
                Assert.Equal(text[..length], Samples.Text(read.ToBytes()));
                Assert.Contains(' ', text[..length].TrimEnd('\n').Split('\n')[^1]);
            }
            Assert.False(LedgerEntry.TryParse(Samples.Utf8(text + "\n"), out _, out _));
            Assert.False(LedgerEntry.TryParse(Samples.Utf8(text.Replace("\n", "\r\n", StringComparison.Ordinal)), out _, out _));
        }
    }

    [Fact]
    public void TryParse_EverySingleBitChange_IsFalseOrTheOneTextOfAnotherEntry()
    {
        foreach (var text in Written.Keys)
        {
            var bytes = Samples.Utf8(text);
            for (var i = 0; i < bytes.Length; i++)
            {
                var original = bytes[i];
                for (var bit = 0; bit < 8; bit++)
                {
                    bytes[i] = (byte)(original ^ (1 << bit));
                    if (LedgerEntry.TryParse(bytes, out var read, out _))
                    {
                        Assert.True(bytes.AsSpan().SequenceEqual(read.ToBytes()), $"byte {i}, bit {bit}");
                    }
                }
                bytes[i] = original;
            }
        }
    }

    // What its heads do not show is no evidence, whoever signed the tree.
    [Fact]
    public void TryParse_EvidenceThatShowsNothing_IsRefused()
    {
        foreach (var (kind, heads) in new[]
        {
            ("equivocation", new[] { First, First }),
            ("equivocation", [First, Second]),
            ("broken-chain", [First, Chained]),
            ("broken-chain", [Second, First]),
            ("broken-chain", [First, Other]),
            ("fork-seen", [First]),
            ("fork-seen", [Seen, Seen]),
            ("equivocation", [First]),
        })
        {
            var text = $"relay/evidence/v2\n1795348800007\n{kind}\n{string.Concat(heads.Select(head => $"{One}\n{Lines(head)}"))}";
            Assert.False(LedgerEntry.TryParse(Samples.Utf8(text), out _, out var error), text);
            Assert.StartsWith("expected ", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void TryParse_EntryOfManySignatures_IsReadUpToThirtyTwo()
    {
        Assert.True(LedgerEntry.TryParse(Of(32), out var entry, out var error), error);
        Assert.Equal(32, Assert.IsType<EnvelopeEntry>(entry).Judged.Signed.Signatures.Length);
        Assert.False(LedgerEntry.TryParse(Of(33), out _, out _));
        Assert.False(LedgerEntry.TryParse(Of(0), out _, out _));
        Assert.False(LedgerEntry.TryParse(new byte[LedgerEntry.MaxBytes + 1], out _, out _));

        static byte[] Of(int signatures)
        {
            var lines = Lines(First).Split('\n');
            var line = string.Concat(Enumerable.Repeat(lines[1] + "\n", signatures));
            return Samples.Utf8($"relay/envelope/v2\n1\n{One}\n{lines[0]}\n{line}");
        }
    }

    [Fact]
    public void ToBytes_BrokenRule_Throws()
    {
        Assert.Throws<ArgumentException>(() => new PolicyEntry { Version = -1, Policy = default, At = At }.ToBytes());
        Assert.Throws<ArgumentException>(() => new HeartbeatEntry { At = DateTimeOffset.UnixEpoch.AddSeconds(-1) }.ToBytes());
        Assert.Throws<ArgumentException>(() => Evidence(EvidenceKind.Equivocation, First, First).ToBytes());
    }

    [Theory]
    [InlineData(-120_001, 0, false)]
    [InlineData(-120_000, 0, true)]
    [InlineData(0, 0, true)]
    [InlineData(3_599_999, 0, true)]
    [InlineData(3_600_000, 0, false)]
    [InlineData(479_999, 600, false)]
    [InlineData(480_000, 600, true)]
    public void IsInTime_MillisecondsAfterIssue_FromTheSkewToTheExpiry(int after, int embargo, bool expected)
    {
        DateTimeOffset? from = embargo == 0 ? null : Samples.Issued.AddSeconds(embargo);
        var head = SealedEnvelope.Create(Samples.Draft() with { NotBefore = from }).Head;
        var entry = new EnvelopeEntry { Judged = Judge(MadeUp.Sign(head, "qatar")), At = Samples.Issued.AddMilliseconds(after) };
        Assert.Equal(expected, entry.IsInTime(out var detail));
        Assert.Equal(expected, detail.Length == 0);
    }

    private static SignedHead First => MadeUp.Sign(SealedEnvelope.Create(Samples.Draft()).Head, "qatar", "swiss");

    private static SignedHead Other =>
        MadeUp.Sign(SealedEnvelope.Create(Samples.Draft() with { IssuedAt = Samples.Issued.AddSeconds(1) }).Head, "qatar");

    private static SignedHead Second => MadeUp.Sign(SealedEnvelope.Create(Samples.Draft(2)).Head, "qatar");

    private static SignedHead Chained =>
        MadeUp.Sign(SealedEnvelope.Create(Samples.Draft(2) with { Previous = First.Head.Digest }).Head, "qatar");

    private static SignedHead Seen => MadeUp.Sign(
        SealedEnvelope.Create(Samples.Draft() with { Seen = new SeenCheckpoint(5, Digest.Of([5])) }).Head, "qatar");

    // Written here from what travels, not by what is tested.
    private static string Lines(SignedHead signed)
    {
        var jws = JsonNode.Parse(signed.ToWire())!;
        string Base64(JsonNode text) => Convert.ToBase64String(StrictBase64Url.Decode((string)text!)!);
        var signatures = jws["signatures"]!.AsArray().Select(one => $"{Base64(one!["protected"]!)} {Base64(one["signature"]!)}\n");
        return $"{Base64(jws["payload"]!)}\n{string.Concat(signatures)}";
    }

    private static Acknowledgement Said()
    {
        Assert.True(Acknowledgement.TryParse(Samples.Ascii(Compact), out var said, out _, out var detail), detail);
        return said;
    }

    private static JudgedHead Judge(SignedHead signed) => new(Digest.Of([1]), signed);

    private static EvidenceEntry Evidence(EvidenceKind kind, params SignedHead[] heads) =>
        new() { Shows = kind, Heads = [.. heads.Select(Judge)], At = At };
}
