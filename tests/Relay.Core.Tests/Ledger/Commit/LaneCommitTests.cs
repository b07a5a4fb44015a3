using Relay.Core.Admission;
using Relay.Core.Ledger.Commit;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>Urgent envelopes among a backlog of normal ones, through the commit.</summary>
public sealed class LaneCommitTests
{
    [Fact]
    public async Task Commit_WithABacklogOfNormalOnes_HasUrgentOnesInItsNextGroup()
    {
        await using var fixture = new LedgerFixture();
        var normal = fixture.Chain(400);
        AdmittedEnvelope[] urgent = [.. new[] { "us", "iran" }.Select(sender => fixture.Make(1, null, sender, lane: Lane.Urgent))];
        List<Task<CommitOutcome>> backlog;
        List<Task<CommitOutcome>> later;
        using (var gathering = new CommitGathering())
        {
            Task<CommitOutcome> CommitAsync(AdmittedEnvelope envelope) =>
                fixture.Ledgers.CommitAsync(envelope, gathering, TestContext.Current.CancellationToken).AsTask();
            backlog = [.. normal.Select(CommitAsync)];
            later = [.. urgent.Select(CommitAsync)];
        }

        // The document is the first entry.
        Assert.Equal([1, 2], (await Task.WhenAll(later)).Select(outcome => outcome.Index));
        Assert.Equal(Enumerable.Range(3, 400).Select(i => (long)i), (await Task.WhenAll(backlog)).Select(outcome => outcome.Index));
    }
}
