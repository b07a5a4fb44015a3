using System.Collections.Immutable;
using System.Text;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.State;
using Relay.Core.Rates;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Core.Tests.Ledger.State;

public sealed class HeadCodecTests
{
    [Fact]
    public async Task TryRead_Written_GivesTheSameText()
    {
        await using var fixture = new HeadFixture();
        var (head, note) = await fixture.SignAsync(fixture.State());

        Assert.True(HeadCodec.TryRead(note.Bytes, out var read, out _, out var error), error);

        Assert.Equal(HeadCodec.WriteText(head), HeadCodec.WriteText(read));
        Assert.Equal(head.State.Streams[0].Held[0], read.State.Streams[0].Held[0]);
        Assert.Equal(head.State.Outstanding[1].Released, read.State.Outstanding[1].Released);
        Assert.Equal(
            HeadCheckStatus.Signed,
            (await fixture.Verifier.CheckAsync(read, note, HeadFixture.Origin, TestContext.Current.CancellationToken)).Status);
    }

    [Theory]
    [InlineData(NegotiationMode.Open, false)]
    [InlineData(NegotiationMode.ReadOnly, true)]
    [InlineData(NegotiationMode.Closed, true)]
    public async Task TryRead_Mode_IsThereUnlessOpen(NegotiationMode mode, bool isThere)
    {
        await using var fixture = new HeadFixture();
        var (head, note) = await fixture.SignAsync(fixture.State() with { Mode = mode });
        Assert.True(HeadCodec.TryRead(note.Bytes, out var read, out _, out var error), error);
        Assert.Equal(mode, read.State.Mode);
        var text = Encoding.UTF8.GetString(HeadCodec.WriteText(head));
        Assert.Equal(isThere, text.Contains("\"mode\":", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CheckAsync_EveryBitFlipped_IsUnreadableOrNotSigned()
    {
        await using var fixture = new HeadFixture();
        var (_, note) = await fixture.SignAsync(fixture.State());
        var bytes = note.Bytes.ToArray();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            if (HeadCodec.TryRead(bytes.ToArray(), out var head, out var read, out var error))
            {
                var check = await fixture.Verifier.CheckAsync(head, read, HeadFixture.Origin, TestContext.Current.CancellationToken);
                Assert.True(check.Status == HeadCheckStatus.Damaged && check.Problem.Length > 0, $"bit {bit}: {check}");
            }
            else
            {
                Assert.NotEmpty(error);
            }

            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public async Task TryRead_SomethingStaged_IsReadBehindTheNoteOnly()
    {
        await using var fixture = new HeadFixture();
        var staged = new StagedCommit(3, [new StagedBlob("a/b", "content"u8.ToArray())], [], ["a/c"]);
        var (head, note) = await fixture.SignAsync(fixture.State(), staged: staged);
        var blob = HeadCodec.WriteBlob(note, head.Staged);

        Assert.True(HeadCodec.TryRead(blob, out var read, out var readNote, out var error), error);

        Assert.Equal(note.Bytes.ToArray(), readNote.Bytes.ToArray());
        Assert.Equal(staged.Bytes.ToArray(), read.Staged!.Bytes.ToArray());
        Assert.False(HeadCodec.TryRead(note.Bytes, out _, out _, out error));
        Assert.Contains("staged commit", error, StringComparison.Ordinal);
        for (var bit = note.Bytes.Length * 8; bit < blob.Length * 8; bit++)
        {
            blob[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(HeadCodec.TryRead(blob, out _, out _, out _), $"bit {bit}");
            blob[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        var (_, bare) = await fixture.SignAsync(fixture.State());
        Assert.False(HeadCodec.TryRead((byte[])[.. bare.Bytes.Span, .. staged.Bytes.Span], out _, out _, out error));
        Assert.Contains("nothing behind", error, StringComparison.Ordinal);
        var (other, otherNote) = await fixture.SignAsync(fixture.State() with { Commit = 4 }, staged: staged);
        Assert.False(HeadCodec.TryRead(HeadCodec.WriteBlob(otherNote, other.Staged), out _, out _, out error));
        Assert.Contains("of number 4", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TryRead_EveryPrefix_IsRefused()
    {
        await using var fixture = new HeadFixture();
        var (_, note) = await fixture.SignAsync(fixture.State());
        for (var length = 0; length < note.Bytes.Length; length++)
        {
            Assert.False(HeadCodec.TryRead(note.Bytes[..length], out _, out _, out var error) && error.Length == 0, $"length {length}");
        }
    }

    [Theory]
    [InlineData("\"commit\":3", "\"commit\":03")]
    [InlineData("\"commit\":3", "\"commit\":3.0")]
    [InlineData("\"commit\":3", "\"commit\":0")]
    [InlineData("\"commit\":3", "\"commit\": 3")]
    [InlineData("\"commit\":3", "\"commit\":3,\"commit\":3")]
    [InlineData("\"commit\":3", "\"commit\":3,\"more\":1")]
    [InlineData("\"commit\":3", "\"commit\":\"3\"")]
    [InlineData("\"size\":5", "\"size\":6")]
    [InlineData("\"sender\":\"us\"", "\"sender\":\"US\"")]
    [InlineData("\"sender\":\"us\"", "\"sender\":\"\\u0075s\"")]
    [InlineData("\"sender\":\"us\"", "\"sender\":\"\\ud800\"")]
    [InlineData("\"sender\":\"iran\",\"lane\":\"urgent\"", "\"sender\":\"us\",\"lane\":\"normal\"")]
    [InlineData("\"lane\":\"urgent\"", "\"lane\":\"fast\"")]
    [InlineData("\"last\":2", "\"last\":4")]
    [InlineData("\"last\":0", "\"last\":1")]
    [InlineData("[1,", "[3,")]
    [InlineData("[3,", "[5,")]
    [InlineData(",0,2,", ",2,2,")]
    [InlineData(",0,2,", ",0,3,")]
    [InlineData("\"staged\":null", "\"staged\":\"\"")]
    [InlineData("\"staged\":null", "\"staged\":\"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\"")]
    [InlineData("\"due\":", "\"due\":-")]
    [InlineData("\"due\":", "\"due\":1000000000000")]
    [InlineData("[1,1,", "[1,0,")]
    [InlineData("[1,1,", "[1,3,")]
    [InlineData("[1,1,", "[1,")]
    [InlineData("relay head v2", "relay head v1")]
    [InlineData("relay.example", "relay example")]
    [InlineData("\"version\":7", "\"version\":0")]
    public async Task TryRead_BrokenRule_IsRefusedWithAReason(string old, string now)
    {
        await using var fixture = new HeadFixture();
        var (_, note) = await fixture.SignAsync(fixture.State());
        var text = Encoding.UTF8.GetString(note.Bytes.Span);
        var at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0, old);

        var read = HeadCodec.TryRead(
            Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, at), now, text.AsSpan(at + old.Length))), out _, out _, out var error);

        Assert.False(read);
        Assert.Matches("expected .*got ", error);
    }

    [Fact]
    public async Task WriteText_AtEveryLimit_StillFitsANote()
    {
        await using var fixture = new HeadFixture();
        var exp = DateTimeOffset.FromUnixTimeSeconds(253_402_300_799);
        // A tree of 2^53 - 1 has every bit set, so the longest range.
        var range = new byte[8 + 53 * 32];
        Convert.FromHexString("001FFFFFFFFFFFFF").CopyTo(range, 0);
        Assert.True(CompactRange.TryRead(range, out var full, out var error), error);
        var streams = ImmutableArray.CreateBuilder<StreamState>();
        for (var i = 0; i < LedgerLimits.Streams; i++)
        {
            var held = i < 2 ? HeadFixture.Held(LedgerLimits.HeldPerStream, EnvelopeId.MaxSequence - 300, exp) : [];
            streams.Add(
                new StreamState(
                    $"{new string('a', 46)}{i:0000}", Lane.Urgent, EnvelopeId.MaxSequence - 400, Digest.Of("a"u8), Digest.Of("b"u8), held)
                {
                    Due = 253_402_300_799_000_000 - i,
                });
        }

        var state = fixture.State() with
        {
            Commit = MerkleHash.MaxSize,
            Due = 253_402_300_799_000_000,
            Range = full,
            Streams = streams.DrainToImmutable(),
            Outstanding =
            [
                .. Enumerable.Range(0, LedgerLimits.Outstanding)
                    .Select(i => new OutstandingEntry(MerkleHash.MaxSize - 65_536 + 64 * i, exp, null, 64)),
            ],
            Prekeys =
            [
                .. Enumerable.Range(0, LedgerLimits.Prekeys)
                    .Select(i => new PrekeyState(
                        $"{new string('a', 46)}{i:0000}",
                        EnvelopeId.MaxSequence,
                        Digest.Of("bundle"u8),
                        EnvelopeId.MaxSequence - 100,
                        100,
                        100,
                        exp,
                        MerkleHash.MaxSize - 2,
                        MerkleHash.MaxSize - 1,
                        200,
                        Digest.Of("claims"u8))),
            ],
        };

        var (_, note) = await fixture.SignAsync(state);

        Assert.True(HeadCodec.TryRead(note.Bytes, out _, out _, out error), error);
        TestContext.Current.TestOutputHelper?.WriteLine($"{note.Bytes.Length} bytes");
    }

    [Fact]
    public async Task TryRead_OfMoreRunsThanMayBe_IsRefused()
    {
        await using var fixture = new HeadFixture();
        var exp = fixture.Time.GetUtcNow();
        var state = fixture.State() with
        {
            Outstanding = [.. Enumerable.Range(0, LedgerLimits.Outstanding + 1).Select(i => new OutstandingEntry(i * 2, exp, null))],
            Range = RangeOf(2 * LedgerLimits.Outstanding + 1),
        };
        var (_, note) = await fixture.SignAsync(state);
        Assert.False(HeadCodec.TryRead(note.Bytes, out _, out _, out var error));
        Assert.Contains("runs", error, StringComparison.Ordinal);
    }

    private static CompactRange RangeOf(int size)
    {
        var range = new CompactRange();
        for (var i = 0; i < size; i++) range.Append(Digest.Of([(byte)i]));
        return range;
    }

    [Fact]
    public async Task TryRead_OfAMomentThatHasCome_IsRefused()
    {
        await using var fixture = new HeadFixture();
        var (_, note) = await fixture.SignAsync(fixture.State() with { Due = Gcra.Microseconds(fixture.Time.GetUtcNow()) });
        Assert.False(HeadCodec.TryRead(note.Bytes, out _, out _, out var error));
        Assert.Contains("due times", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_OtherOriginOrOtherVault_IsDamaged()
    {
        await using var fixture = new HeadFixture();
        await using var other = new HeadFixture();
        var (head, note) = await fixture.SignAsync(fixture.State());

        Assert.Equal(
            HeadCheckStatus.Damaged,
            (await fixture.Verifier.CheckAsync(head, note, "relay.example/geneva", TestContext.Current.CancellationToken)).Status);
        other.Certifier.IsAvailable = false;
        Assert.Equal(
            HeadCheckStatus.Unavailable,
            (await other.Verifier.CheckAsync(head, note, HeadFixture.Origin, TestContext.Current.CancellationToken)).Status);
    }

    [Fact]
    public async Task CheckAsync_DecisionLaterThanTheKeysEnd_IsDamaged()
    {
        await using var fixture = new HeadFixture();
        var (head, note) = await fixture.SignAsync(fixture.State() with { At = fixture.Time.GetUtcNow() + TimeSpan.FromHours(2) });

        var check = await fixture.Verifier.CheckAsync(head, note, HeadFixture.Origin, TestContext.Current.CancellationToken);

        Assert.Equal(HeadCheckStatus.Damaged, check.Status);
        Assert.Contains("key valid at", check.Problem, StringComparison.Ordinal);
    }
}
