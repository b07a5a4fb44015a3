using Relay.Core.Ledger.Keys;
using Relay.Core.Tests.Ledger.State;
using Relay.Protocol.Ledger;

namespace Relay.Core.Tests.Ledger.Keys;

public sealed class CheckpointKeysTests
{
    [Fact]
    public async Task GetAsync_ManyTimes_AsksTheVaultOnce()
    {
        await using var fixture = new HeadFixture();
        var first = await fixture.Keys.GetAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 1_000; i++)
        {
            Assert.Same(first, await fixture.Keys.GetAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(1, fixture.Certifier.Signatures);
    }

    [Fact]
    public async Task GetAsync_PastHalfLife_RenewsWhileTheOldOneSigns()
    {
        await using var fixture = new HeadFixture();
        var first = await fixture.Keys.GetAsync(TestContext.Current.CancellationToken);
        fixture.Time.Advance(TimeSpan.FromMinutes(28));
        Assert.Same(first, await fixture.Keys.GetAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, fixture.Certifier.Signatures);

        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Same(first, await fixture.Keys.GetAsync(TestContext.Current.CancellationToken));

        var second = await fixture.Keys.GetAsync(TestContext.Current.CancellationToken);
        Assert.NotSame(first, second);
        Assert.Equal(2, fixture.Certifier.Signatures);
    }

    [Fact]
    public async Task GetAsync_VaultDown_SignsToTheEndThenNotAtAllAndRecovers()
    {
        await using var fixture = new HeadFixture();
        var first = await fixture.Keys.GetAsync(TestContext.Current.CancellationToken);
        fixture.Certifier.IsAvailable = false;
        fixture.Time.Advance(TimeSpan.FromMinutes(57));
        Assert.Same(first, await fixture.Keys.GetAsync(TestContext.Current.CancellationToken));
        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await fixture.Keys.GetAsync(TestContext.Current.CancellationToken));

        fixture.Certifier.IsAvailable = true;
        fixture.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.NotNull(await fixture.Keys.GetAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task GetAsync_AfterDispose_Throws()
    {
        var fixture = new HeadFixture();
        await fixture.Keys.GetAsync(TestContext.Current.CancellationToken);
        await fixture.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await fixture.Keys.GetAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task FindAsync_CertificateOfAnotherVault_IsRefusedAndNotHeld()
    {
        await using var fixture = new HeadFixture();
        await using var other = new HeadFixture();
        var signer = await other.Keys.GetAsync(TestContext.Current.CancellationToken);

        var found = await fixture.Ring.FindAsync(signer!.Certificate, HeadFixture.Origin, TestContext.Current.CancellationToken);

        Assert.Equal(CertifiedKeyStatus.Refused, found.Status);
        Assert.Null(found.Key);
        Assert.Equal(
            CertifiedKeyStatus.Certified,
            (await other.Ring.FindAsync(signer.Certificate, HeadFixture.Origin, TestContext.Current.CancellationToken)).Status);
        Assert.Equal(
            CertifiedKeyStatus.Refused,
            (await other.Ring.FindAsync(signer.Certificate, "other/doha-2026", TestContext.Current.CancellationToken)).Status);
    }

    [Fact]
    public async Task FindAsync_OneCertificateOfSeveralLedgers_EachHasItUnderItsNameAndNoOther()
    {
        await using var fixture = new HeadFixture();
        for (var i = 0; i < 3; i++)
        {
            var origin = $"relay.example/negotiation-{i}";
            var (head, note) = await fixture.SignAsync(fixture.State(), origin);
            var found = await fixture.Ring.FindAsync(head.Certificate, origin, TestContext.Current.CancellationToken);
            Assert.Equal((CertifiedKeyStatus.Certified, origin), (found.Status, found.Key!.Name));
            Assert.Equal(NoteFault.None, found.Key.Verify(note));
            var other = await fixture.Ring.FindAsync(head.Certificate, "relay.example/other", TestContext.Current.CancellationToken);
            Assert.Equal(NoteFault.NotSigned, other.Key!.Verify(note));
            var refused = await fixture.Ring.FindAsync(head.Certificate, "other/negotiation", TestContext.Current.CancellationToken);
            Assert.Equal(CertifiedKeyStatus.Refused, refused.Status);
        }
    }
}
