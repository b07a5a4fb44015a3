using Relay.Core.Ledger.Keys;
using Relay.Core.Tests.Ledger.State;
using Relay.Protocol.Text;

namespace Relay.Core.Tests.Ledger.Keys;

public sealed class HeadSignerTests
{
    [Fact]
    public async Task SignAsync_SameTreeAndKey_TakesTheCheckpointOver_AnyOtherIsSigned()
    {
        await using var fixture = new HeadFixture();
        var signer = (await fixture.GetKeyAsync())!;
        var heads = new HeadSigner(HeadFixture.Origin);
        var state = fixture.State();
        var first = await heads.SignAsync(signer, state, null, null, TestContext.Current.CancellationToken);

        var next = state with { Commit = state.Commit + 1, Outstanding = [] };
        var same = await heads.SignAsync(signer, next, null, first.Head, TestContext.Current.CancellationToken);
        Assert.Same(first.Head.Checkpoint, same.Head.Checkpoint);
        await VerifyAsync(same);

        var range = state.Range.Clone();
        range.Append(Digest.Of("more"u8));
        var grown = await heads.SignAsync(signer, next with { Range = range }, null, first.Head, TestContext.Current.CancellationToken);
        Assert.NotSame(first.Head.Checkpoint, grown.Head.Checkpoint);
        await VerifyAsync(grown);

        fixture.Time.Advance(TimeSpan.FromMinutes(31));
        await fixture.GetKeyAsync();
        var renewed = (await fixture.GetKeyAsync())!;
        Assert.NotSame(signer, renewed);
        var other = await heads.SignAsync(renewed, next, null, first.Head, TestContext.Current.CancellationToken);
        Assert.NotSame(first.Head.Checkpoint, other.Head.Checkpoint);
        await VerifyAsync(other);

        async Task VerifyAsync((Core.Ledger.State.LedgerHead Head, Protocol.Ledger.SignedNote Note) signed)
        {
            var check = await fixture.Verifier.CheckAsync(
                signed.Head, signed.Note, HeadFixture.Origin, TestContext.Current.CancellationToken);
            Assert.Equal((HeadCheckStatus.Signed, ""), (check.Status, check.Problem));
        }
    }
}
