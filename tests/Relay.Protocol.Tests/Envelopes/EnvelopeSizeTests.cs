using System.Text.Json.Nodes;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
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

    [Fact]
    public async Task ToWire_AsManyHybridAddresseesAsThereMayBe_LeavesRoomForABody()
    {
        using var key = HybridKeyPair.Generate("d0#enc-1");
        // One key under many names: what is looked at is how long it gets, and each has a secret of its own.
        var names = Enumerable.Range(0, EnvelopeLimits.MaxAddressees).Select(i => $"d{i}").ToList();
        var recipients = names.Select(name => Renamed(key.Public, $"{name}#enc-1")).ToList();
        using var identity = new LocalSigner(_samples.Identity);
        var draft = new StatementDraft
        {
            Id = Samples.FirstId,
            Audience = names,
            ContentType = "text/plain",
            Body = new byte[60_000],
        };
        var content = await ContentSealer.SealAsync(
            draft, identity, recipients, HpkeKeyEncryption.Instance, TestContext.Current.CancellationToken);
        var builder = new EnvelopeBuilder(Samples.Sealed(content, audience: names));
        using var signer = new LocalSigner(_samples.Mediator);
        for (var i = 0; i < 3; i++) await builder.SignAsync(signer, TestContext.Current.CancellationToken);

        var bytes = builder.ToWire();

        TestContext.Current.TestOutputHelper?.WriteLine($"{names.Count} addressees, {draft.Body.Length} bytes: {bytes.Length} on the wire");
        Assert.InRange(bytes.Length, 0, EnvelopeLimits.DefaultMaxWireBytes);
        Assert.True(Envelope.TryParse(bytes, EnvelopeLimits.Default, out var envelope, out _, out var detail), detail);
        var sender = _samples.SenderKey();
        using var senderKey = sender.Key;
        Assert.True(
            ContentOpener.TryOpen(envelope.Sealed, [key], HpkeKeyEncryption.Instance, [sender], out var said, out _, out detail), detail);
        Assert.Equal(draft.Body.Length, said.Body.Length);
    }

    private static PublicJwk Renamed(PublicJwk key, string keyId)
    {
        var json = JsonNode.Parse(key.ToJson())!;
        json["kid"] = keyId;
        Assert.True(PublicJwk.TryParse(Samples.Utf8(json.ToJsonString()), out var renamed, out var error), error);
        return renamed;
    }
}
