using System.Security.Cryptography;
using Relay.Protocol.Hybrid;
using Relay.Protocol.Keys;
using Relay.Protocol.Sealing;

namespace Relay.Protocol.Tests.Hybrid;

public sealed class HybridConcurrencyTests
{
    [Fact]
    public async Task KeyEncryption_FromManyThreads_GivesEachItsOwn()
    {
        using var key = HybridKeyPair.Generate("iran#enc-1");
        using var start = new Barrier(8);
        await Task.WhenAll(Enumerable.Range(0, start.ParticipantCount).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
                for (var i = 0; i < 10; i++) RoundTrip(key);
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
    }

    private static void RoundTrip(PrivateJwk key)
    {
        using var made = HybridKeyPair.Generate("oman#enc-1");
        Assert.True(HybridKeyPair.Belongs(made));
        var contentKey = RandomNumberGenerator.GetBytes(32);
        foreach (var one in new[] { key, made })
        {
            var (encapsulation, encrypted, opened) = (new byte[HybridKey.EncapsulationSize], new byte[48], new byte[32]);
            HpkeKeyEncryption.Instance.Encrypt(one.Public, JweNames.HpkeInfo, contentKey, encapsulation, encrypted);
            Assert.True(HpkeKeyEncryption.Instance.TryDecrypt(one, JweNames.HpkeInfo, encapsulation, encrypted, opened));
            Assert.Equal(contentKey, opened);
        }
    }
}
