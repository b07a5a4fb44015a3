using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Signatures;

namespace Relay.Protocol.Tests.Signatures;

public sealed class LocalSignerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(JwkKind.P256, JwsAlgorithm.ES256, 32)]
    [InlineData(JwkKind.P384, JwsAlgorithm.ES384, 48)]
    [InlineData(JwkKind.P521, JwsAlgorithm.ES512, 64)]
    public async Task SignAsync_OfAHashThatIsNotOfItsAlgorithm_IsRefused(JwkKind kind, JwsAlgorithm algorithm, int size)
    {
        using var key = PrivateJwk.Generate(kind, "us#1");
        using var signer = new LocalSigner(key);
        Assert.Equal((algorithm, size), (signer.Algorithm, algorithm.HashSize()));
        Assert.NotEmpty(await signer.SignAsync(new byte[size], Cancel));
        foreach (var other in new[] { 0, size - 1, size + 1 })
        {
            var fault = await Assert.ThrowsAsync<ArgumentException>(async () => await signer.SignAsync(new byte[other], Cancel));
            Assert.StartsWith($"Expected a hash of {size} bytes, got {other}.", fault.Message, StringComparison.Ordinal);
        }
        await Assert.ThrowsAsync<OperationCanceledException>(
            async () => await signer.SignAsync(new byte[size], new CancellationToken(canceled: true)));
    }

    [Fact]
    public void KeyId_IsTheKeysOwnOrTheOneThatIsGiven()
    {
        using var key = PrivateJwk.Generate(JwkKind.P256, "us#1");
        using var own = new LocalSigner(key);
        using var given = new LocalSigner(key, "us#2");
        Assert.Equal(("us#1", "us#1", "us#2", "us#2"), (own.KeyId, own.ToString(), given.KeyId, given.ToString()));
    }

    [Fact]
    public void Create_OfAKeyThatIsNoSigners_IsRefused()
    {
        using var hybrid = HybridKeyPair.Generate("us#enc-1");
        var fault = Assert.Throws<ArgumentException>(() => new LocalSigner(hybrid));
        Assert.StartsWith("Expected an EC key, got MlKem768P256.", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => new LocalSigner(null!));
    }
}
