using Relay.Protocol.Envelopes;
using Relay.Protocol.Sealing;
using Relay.Protocol.Signatures;
using Relay.Protocol.Text;

namespace Relay.Protocol.Tests.Envelopes;

/// <summary>What an envelope costs on the wire: the body is base64url twice (ciphertext, content) and padded, and that is all.</summary>
public sealed class EnvelopeSizeTests : IDisposable
{
    private readonly Samples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Theory]
    // Head, header and signatures aside, twice 4/3 and the padding.
    [InlineData(1_000, 1, 4_100)]
    [InlineData(16_000, 1, 30_900)]
    [InlineData(16_000, 3, 31_600)]
    [InlineData(100_000, 3, 182_000)]
    [InlineData(140_000, 3, 257_000)]
    public async Task ToWire_BodyOf_TakesAtMost(int body, int signatures, int wire)
    {
        var content = await _samples.SealAsync([_samples.Iran.Public], new string('x', body));
        var builder = new EnvelopeBuilder(Samples.Sealed(content));
        using var signer = new LocalSigner(_samples.Mediator);
        for (var i = 0; i < signatures; i++) await builder.SignAsync(signer, TestContext.Current.CancellationToken);

        var bytes = builder.ToWire();

        TestContext.Current.TestOutputHelper?.WriteLine($"{body} bytes, {signatures} signatures: {bytes.Length} on the wire");
        Assert.InRange(bytes.Length, body, Math.Min(wire, EnvelopeLimits.DefaultMaxWireBytes));
        Assert.True(Envelope.TryParse(bytes, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        var sender = _samples.SenderKey();
        using var key = sender.Key;
        Assert.True(ContentOpener.TryOpen(envelope.Sealed, [_samples.Iran], [sender], out var said, out _, out detail), detail);
        Assert.Equal(body, said.Body.Length);
        Assert.Equal(Digest.Of(envelope.Sealed.Content.Span), envelope.Head.ContentHash);
    }
}
