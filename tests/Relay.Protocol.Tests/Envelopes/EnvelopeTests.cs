using Relay.Protocol.Envelopes;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Envelopes;

public sealed class EnvelopeTests : IDisposable
{
    private readonly Samples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Fact]
    public async Task TryParse_BuiltEnvelope_ReadsEveryMember()
    {
        var draft = Samples.Draft(sequence: 7) with
        {
            Audience = ["iran", "oman"],
            NotBefore = Samples.Issued.AddMinutes(5),
            Seen = new SeenCheckpoint(12, Digest.Of([9])),
        };
        var wire = await _samples.WireAsync(SealedEnvelope.Create(draft));

        var envelope = Parse(wire);

        Assert.Equal(draft.Id, envelope.Id);
        Assert.Equal(draft.Audience, envelope.Head.Audience);
        Assert.Equal(draft.Previous, envelope.Head.Previous);
        Assert.Equal(draft.IssuedAt, envelope.Head.IssuedAt);
        Assert.Equal(draft.NotBefore, envelope.Head.NotBefore);
        Assert.Equal(draft.ExpiresAt, envelope.Head.ExpiresAt);
        Assert.Equal(draft.Seen, envelope.Head.Seen);
        Assert.True(envelope.Sealed.Content.Span.SequenceEqual(draft.Content.Span));
        Assert.Equal(Digest.Of(draft.Content.Span), envelope.Head.ContentHash);
        Assert.Equal(Digest.Of(envelope.Head.Bytes.Span), envelope.Digest);
        Assert.Equal(_samples.Mediator.KeyId, Assert.Single(envelope.Signatures).Key.Text);
    }

    [Fact]
    public async Task Verify_OwnKey_HoldsAndOtherKeyDoesNot()
    {
        var signature = Parse(await _samples.WireAsync()).Signatures[0];
        using var own = Key(_samples.Mediator.Public);
        using var other = Key(_samples.Identity.Public);

        Assert.Equal(SignatureFault.None, signature.Verify(own));
        Assert.Equal(SignatureFault.Invalid, signature.Verify(other));
    }

    [Fact]
    public async Task Digest_SecondSignatureAdded_StaysTheSame()
    {
        var first = Parse(await _samples.WireAsync());
        using var signer = new LocalSigner(_samples.Identity, Samples.KeyId("oman"));
        var builder = new EnvelopeBuilder(first);
        await builder.SignAsync(signer, TestContext.Current.CancellationToken);

        var second = Parse(builder.ToWire());

        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(2, second.Signatures.Length);
        using var own = Key(_samples.Mediator.Public);
        using var added = Key(_samples.Identity.Public);
        Assert.Equal(SignatureFault.None, second.Signatures[0].Verify(own));
        Assert.Equal(SignatureFault.None, second.Signatures[1].Verify(added));
    }

    [Fact]
    public async Task TryParse_EveryPrefix_IsRefused()
    {
        var wire = await _samples.WireAsync();
        for (var length = 0; length < wire.Length; length++)
        {
            Assert.False(
                Envelope.TryParse(wire.AsMemory(0, length), EnvelopeLimits.Default, out _, out var fault, out var detail),
                $"prefix of {length} bytes");
            Assert.NotEqual(EnvelopeFault.None, fault);
            Assert.NotEmpty(detail);
        }
    }

    [Fact]
    public async Task TryParse_EveryByteChanged_IsRefusedOrDoesNotVerify()
    {
        var wire = await _samples.WireAsync();
        using var key = Key(_samples.Mediator.Public);
        for (var i = 0; i < wire.Length; i++)
        {
            foreach (var change in (byte[])[0x01, 0x20, 0x80])
            {
                var changed = (byte[])wire.Clone();
                changed[i] ^= change;
                if (!Envelope.TryParse(changed, EnvelopeLimits.Default, out var envelope, out _, out _)) continue;
                Assert.True(envelope.Signatures[0].Verify(key) != SignatureFault.None, $"byte {i} ^ {change:x2} still verifies");
            }
        }
    }

    [Fact]
    public async Task TryParse_SeededRandomDamage_NeverThrowsAndNeverVerifies()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        var random = new Random(seed);
        var wire = await _samples.WireAsync();
        using var key = Key(_samples.Mediator.Public);
        var original = Parse(wire);
        for (var i = 0; i < 5_000; i++)
        {
            var damaged = Damage(random, wire);
            var parsed = Envelope.TryParse(damaged, EnvelopeLimits.Default, out var envelope, out var fault, out _);
            Assert.True(parsed == (fault == EnvelopeFault.None), $"seed {seed}, round {i}");
            if (!parsed || envelope!.Signatures[0].Verify(key) != SignatureFault.None) continue;
            Assert.True(envelope.Digest == original.Digest, $"seed {seed}, round {i}: forged");
        }
    }

    [Fact]
    public void TryParse_SeededRandomBytes_NeverThrows()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        var random = new Random(seed);
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            if (bytes.Length > 0) bytes[0] = (byte)'{';
            Assert.False(Envelope.TryParse(bytes, EnvelopeLimits.Default, out _, out _, out _), $"seed {seed}, round {i}");
        }
    }

    [Fact]
    public void TryParse_Oversize_IsRefusedBeforeReading()
    {
        Assert.False(
            Envelope.TryParse(
                new byte[EnvelopeLimits.DefaultMaxWireBytes + 1], EnvelopeLimits.Default, out _, out var fault, out var detail));
        Assert.Equal(EnvelopeFault.Oversize, fault);
        Assert.Equal("expected at most 262144 bytes, got 262145", detail);
    }

    [Fact]
    public async Task TryParse_BadInput_AllocatesLittle()
    {
        var wire = await _samples.WireAsync();
        var deep = Samples.Ascii(new string('[', 200_000));
        Envelope.TryParse(deep, EnvelopeLimits.Default, out _, out _, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(Envelope.TryParse(deep, EnvelopeLimits.Default, out _, out _, out _));
        Assert.False(Envelope.TryParse(wire.AsMemory(0, wire.Length - 1), EnvelopeLimits.Default, out _, out _, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8192);
    }

    private static Envelope Parse(byte[] wire)
    {
        Assert.True(Envelope.TryParse(wire, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        return envelope;
    }

    private static VerificationKey Key(Relay.Protocol.Keys.PublicJwk jwk)
    {
        Assert.True(VerificationKey.TryCreate(jwk, out var key, out var error), error);
        return key;
    }

    private static byte[] Damage(Random random, byte[] wire)
    {
        var damaged = new List<byte>(wire);
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = random.Next(damaged.Count);
            switch (random.Next(4))
            {
                case 0:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 1:
                    damaged.RemoveAt(at);
                    break;
                case 2:
                    damaged.Insert(at, "{}[]\",:\\0 "u8[random.Next(10)]);
                    break;
                default:
                    var length = Math.Min(random.Next(1, 40), damaged.Count - at);
                    damaged.InsertRange(random.Next(damaged.Count), damaged.GetRange(at, length));
                    break;
            }
        }
        return [.. damaged];
    }
}
