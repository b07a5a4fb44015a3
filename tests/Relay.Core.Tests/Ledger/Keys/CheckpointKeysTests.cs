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
        var first = await fixture.GetKeyAsync();
        for (var i = 0; i < 1_000; i++)
        {
            Assert.Same(first, await fixture.GetKeyAsync());
        }

        Assert.Equal(1, fixture.Certifier.Signatures);
    }

    [Fact]
    public async Task GetAsync_PastHalfLife_RenewsWhileTheOldOneSigns()
    {
        await using var fixture = new HeadFixture();
        var first = await fixture.GetKeyAsync();
        fixture.Time.Advance(TimeSpan.FromMinutes(28));
        Assert.Same(first, await fixture.GetKeyAsync());
        Assert.Equal(1, fixture.Certifier.Signatures);

        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Same(first, await fixture.GetKeyAsync());

        var second = await fixture.GetKeyAsync();
        Assert.NotSame(first, second);
        Assert.Equal(2, fixture.Certifier.Signatures);
    }

    [Fact]
    public async Task GetAsync_VaultDown_SignsToTheEndThenNotAtAllAndRecovers()
    {
        await using var fixture = new HeadFixture();
        var first = await fixture.GetKeyAsync();
        fixture.Certifier.IsAvailable = false;
        fixture.Time.Advance(TimeSpan.FromMinutes(57));
        Assert.Same(first, await fixture.GetKeyAsync());
        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await fixture.GetKeyAsync());

        fixture.Certifier.IsAvailable = true;
        fixture.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.NotNull(await fixture.GetKeyAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(59)]
    [InlineData(60)]
    [InlineData(61)]
    [InlineData(520)]
    public async Task GetAsync_DatedBeforeTheKeyThereIs_GivesOneThatHasBegun(int seconds)
    {
        await using var fixture = new HeadFixture();
        var ahead = await fixture.GetKeyAsync();
        var back = TimeSpan.FromSeconds(-seconds);
        var key = await fixture.GetKeyAsync(back);
        Assert.Equal(seconds <= 60, key == ahead);
        Assert.InRange(fixture.Time.GetUtcNow() + back, key!.Certificate.NotBefore, key.Certificate.ExpiresAt);
    }

    [Fact]
    public async Task GetAsync_ClockSetAheadSinceTheDateWasRead_MakesTheKeyByTheDate()
    {
        await using var fixture = new HeadFixture();
        var away = TimeSpan.FromMinutes(-10);
        var key = await fixture.GetKeyAsync(away);
        Assert.Equal(fixture.Time.GetUtcNow() + away - TimeSpan.FromMinutes(1), key!.Certificate.NotBefore);
    }

    [Fact]
    public async Task GetAsync_LedgerAheadOfTheClock_MakesTheKeyByTheClock()
    {
        await using var fixture = new HeadFixture();
        var key = await fixture.GetKeyAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(fixture.Time.GetUtcNow() - TimeSpan.FromMinutes(1), key!.Certificate.NotBefore);
    }

    [Fact]
    public async Task GetAsync_VaultDownAfterTheClockWasSetBack_GivesNoneThatHasNotBegun()
    {
        await using var fixture = new HeadFixture();
        await fixture.GetKeyAsync();
        fixture.Certifier.IsAvailable = false;
        Assert.Null(await fixture.GetKeyAsync(TimeSpan.FromMinutes(-2)));
        Assert.NotNull(await fixture.GetKeyAsync());
    }

    [Fact]
    public async Task GetAsync_AfterDispose_Throws()
    {
        var fixture = new HeadFixture();
        await fixture.GetKeyAsync();
        await fixture.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await fixture.GetKeyAsync());
    }

    [Fact]
    public async Task FindAsync_CertificateOfAnotherVault_IsRefusedAndNotHeld()
    {
        await using var fixture = new HeadFixture();
        await using var other = new HeadFixture();
        var signer = await other.GetKeyAsync();

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
