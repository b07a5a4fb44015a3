using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Ledger;

public sealed class LedgerEntryTests
{
    private const string One = "S/USLzRFVMU73i67jNK349FgCtYxw4Wl18ziPHeFRZo=";

    // Spelt out, so that another implementation can compare: the digests are SHA-256 of the byte 0x01.
    private static readonly Dictionary<string, LedgerEntry> Written = new()
    {
        [$"relay/envelope/v1\ndoha-2026/us/normal/1\n{One}\niran,oman\nqatar,swiss\n{One}\n1795348800007\n"] = new EnvelopeEntry
        {
            Id = Samples.FirstId,
            Digest = Digest.Of([1]),
            Audience = ["iran", "oman"],
            Mediators = ["qatar", "swiss"],
            Policy = Digest.Of([1]),
            At = At,
        },
        [$"relay/evidence/v1\ndoha-2026/us/normal/1\nequivocation\n{One}\n{One}\n1795348800007\n"] = Evidence(EvidenceKind.Equivocation),
        [$"relay/evidence/v1\ndoha-2026/us/normal/1\nbroken-chain\n{One}\n{One}\n1795348800007\n"] = Evidence(EvidenceKind.BrokenChain),
        [$"relay/evidence/v1\ndoha-2026/us/normal/1\nfork-seen\n{One}\n{One}\n1795348800007\n"] = Evidence(EvidenceKind.ForkSeen),
        ["relay/mode/v1\nopen\n1795348800007\n"] = new ModeEntry { Mode = NegotiationMode.Open, At = At },
        ["relay/mode/v1\nread-only\n1795348800007\n"] = new ModeEntry { Mode = NegotiationMode.ReadOnly, At = At },
        ["relay/mode/v1\nclosed\n1795348800007\n"] = new ModeEntry { Mode = NegotiationMode.Closed, At = At },
        ["relay/heartbeat/v1\n1795348800007\n"] = new HeartbeatEntry { At = At },
        [$"relay/policy/v1\n7\n{One}\n1795348800007\n"] = new PolicyEntry { Version = 7, Policy = Digest.Of([1]), At = At },
    };

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
    public void TryParse_EveryPrefix_IsFalse()
    {
        foreach (var text in Written.Keys)
        {
            for (var length = 0; length < text.Length; length++)
            {
                Assert.False(LedgerEntry.TryParse(Samples.Utf8(text[..length]), out _, out _));
            }
            Assert.False(LedgerEntry.TryParse(Samples.Utf8(text + "\n"), out _, out _));
            Assert.False(LedgerEntry.TryParse(Samples.Utf8(text.Replace("\n", "\r\n", StringComparison.Ordinal)), out _, out _));
        }
    }

    [Fact]
    public void TryParse_EverySingleByteChange_IsFalseOrTheOneTextOfAnotherEntry()
    {
        foreach (var text in Written.Keys)
        {
            var bytes = Samples.Utf8(text);
            for (var i = 0; i < bytes.Length; i++)
            {
                var original = bytes[i];
                for (var value = 0; value < 256; value++)
                {
                    bytes[i] = (byte)value;
                    if (LedgerEntry.TryParse(bytes, out var read, out _))
                    {
                        Assert.True(bytes.AsSpan().SequenceEqual(read.ToBytes()), $"byte {i} as {value}");
                    }
                }
                bytes[i] = original;
            }
        }
    }

    [Theory]
    [InlineData("iran,iran", "qatar")]
    [InlineData("oman,iran", "qatar")]
    [InlineData("", "qatar")]
    [InlineData("iran,", "qatar")]
    [InlineData("iran", "swiss,qatar")]
    [InlineData("iran", "")]
    [InlineData("Iran", "qatar")]
    public void TryParse_NamesOutOfOrder_AreRefused(string audience, string mediators)
    {
        var text = $"relay/envelope/v1\ndoha-2026/us/normal/1\n{One}\n{audience}\n{mediators}\n{One}\n1\n";
        Assert.False(LedgerEntry.TryParse(Samples.Utf8(text), out _, out var error));
        Assert.Contains("names", error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_TooManyOrTooLong_IsRefused()
    {
        var names = Enumerable.Range(100, EnvelopeLimits.MaxAddressees + 1).Select(i => $"d{i}").ToArray();
        string Text(int count) =>
            $"relay/envelope/v1\ndoha-2026/us/normal/1\n{One}\n{string.Join(',', names.Take(count))}\nqatar\n{One}\n1\n";
        Assert.True(LedgerEntry.TryParse(Samples.Utf8(Text(64)), out _, out var error), error);
        Assert.False(LedgerEntry.TryParse(Samples.Utf8(Text(65)), out _, out _));
        Assert.False(LedgerEntry.TryParse(new byte[LedgerEntry.MaxBytes + 1], out _, out _));
    }

    [Fact]
    public void ToBytes_BrokenRule_Throws()
    {
        Assert.Throws<ArgumentException>(() => new PolicyEntry { Version = -1, Policy = default, At = At }.ToBytes());
        Assert.Throws<ArgumentException>(() => new HeartbeatEntry { At = DateTimeOffset.UnixEpoch.AddSeconds(-1) }.ToBytes());
        Assert.Throws<ArgumentException>(() => EnvelopeEntry.For(SealedEnvelope.Create(Samples.Draft()).Head, [], default, At).ToBytes());
    }

    private static EvidenceEntry Evidence(EvidenceKind kind) =>
        new() { Id = Samples.FirstId, Shows = kind, Held = Digest.Of([1]), Came = Digest.Of([1]), At = At };
}
