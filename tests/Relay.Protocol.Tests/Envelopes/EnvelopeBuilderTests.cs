using Relay.Protocol.Envelopes;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Protocol.Tests.Envelopes;

public sealed class EnvelopeBuilderTests : IDisposable
{
    private readonly Samples _samples = new();

    public void Dispose() => _samples.Dispose();

    [Fact]
    public void ToWire_NoSignature_Throws() =>
        Assert.Throws<InvalidOperationException>(() => new EnvelopeBuilder(EnvelopePayload.Create(Samples.Draft())).ToWire());

    [Fact]
    public async Task SignAsync_KeyIdOfNoVault_Throws()
    {
        using var signer = new LocalSigner(_samples.Identity);
        await Assert.ThrowsAsync<ArgumentException>(
            async () =>
                await new EnvelopeBuilder(EnvelopePayload.Create(Samples.Draft())).SignAsync(
                    signer, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task SignAsync_ThirtyThird_Throws()
    {
        var builder = new EnvelopeBuilder(EnvelopePayload.Create(Samples.Draft()));
        using var signer = new LocalSigner(_samples.Mediator);
        for (var i = 0; i < EnvelopeLimits.MaxSignatures; i++)
        {
            await builder.SignAsync(signer, TestContext.Current.CancellationToken);
        }
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await builder.SignAsync(signer, TestContext.Current.CancellationToken));
        Assert.True(Envelope.TryParse(builder.ToWire(), EnvelopeLimits.Default, out _, out _, out _));
    }

    [Fact]
    public async Task SignAsync_SignerReturnsNothing_Throws()
    {
        var builder = new EnvelopeBuilder(EnvelopePayload.Create(Samples.Draft()));
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await builder.SignAsync(new EmptySigner(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Create_DraftBreaksARule_SaysWhich()
    {
        var exception = Assert.Throws<ArgumentException>(() => EnvelopePayload.Create(Samples.Draft() with { Audience = ["us"] }));
        Assert.Contains("without the sender", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}{}")]
    [InlineData("{}},\"x\":{")]
    [InlineData("{\"a\":1,\"a\":1}")]
    public void Create_ContentIsNoJsonObject_Throws(string content) =>
        Assert.Throws<ArgumentException>(() => EnvelopePayload.Create(Samples.Draft() with { Content = Samples.Utf8(content) }));

    private sealed class EmptySigner : IJwsSigner
    {
        public string KeyId => Samples.KeyId("qatar");

        public JwsAlgorithm Algorithm => JwsAlgorithm.ES256;

        public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) =>
            ValueTask.FromResult(Array.Empty<byte>());
    }
}
