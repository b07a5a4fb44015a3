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
        Assert.Throws<InvalidOperationException>(() => new EnvelopeBuilder(SealedEnvelope.Create(Samples.Draft())).ToWire());

    [Fact]
    public async Task SignAsync_KeyIdOfNoVault_Throws()
    {
        using var signer = new LocalSigner(_samples.Identity);
        await Assert.ThrowsAsync<ArgumentException>(
            async () =>
                await new EnvelopeBuilder(SealedEnvelope.Create(Samples.Draft())).SignAsync(
                    signer, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task SignAsync_ThirtyThird_Throws()
    {
        var builder = new EnvelopeBuilder(SealedEnvelope.Create(Samples.Draft()));
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
        var builder = new EnvelopeBuilder(SealedEnvelope.Create(Samples.Draft()));
        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await builder.SignAsync(new EmptySigner(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Create_DraftBreaksARule_SaysWhich()
    {
        var exception = Assert.Throws<ArgumentException>(() => SealedEnvelope.Create(Samples.Draft() with { Audience = ["us"] }));
        Assert.Contains("without the sender", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryJoin_ContentOfAnotherHash_IsFalse()
    {
        var made = SealedEnvelope.Create(Samples.Draft());

        Assert.True(SealedEnvelope.TryJoin(made.Head, made.Content.ToArray(), out var joined));
        Assert.Equal(made.Digest, joined.Digest);
        Assert.False(SealedEnvelope.TryJoin(made.Head, "{}"u8.ToArray(), out joined));
        Assert.Null(joined);
    }

    private sealed class EmptySigner : IJwsSigner
    {
        public string KeyId => Samples.KeyId("qatar");

        public JwsAlgorithm Algorithm => JwsAlgorithm.ES256;

        public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) =>
            ValueTask.FromResult(Array.Empty<byte>());
    }
}
