using Relay.Core.Ledger.State;

namespace Relay.Core.Ledger.Reading;

/// <summary>What only the head knows: which bundle of prekeys is in force, which mode, how far ahead of its rate a stream is.</summary>
public sealed partial class LedgerReader
{
    /// <summary>The state that the newest head has.</summary>
    public async ValueTask<LedgerRead<LedgerState>> StateAsync(string negotiation, CancellationToken cancellationToken)
    {
        var head = await HeadAsync(Blobs(negotiation), negotiation, cancellationToken).ConfigureAwait(false);
        return head.IsFound ? head.Value.State : head.Failure;
    }

    /// <summary>The bundle in force of a delegation, and how many of its keys are left.</summary>
    public async ValueTask<LedgerRead<PrekeyState>> PrekeysAsync(
        string negotiation, string delegation, CancellationToken cancellationToken)
    {
        var head = await HeadAsync(Blobs(negotiation), negotiation, cancellationToken).ConfigureAwait(false);
        if (head.IsFound && head.Value.State.FindPrekeys(delegation) is { } prekeys) return prekeys;
        return head.Status is LedgerReadStatus.Unavailable or LedgerReadStatus.Damaged
            ? head.Failure
            : new LedgerReadFailure(LedgerReadStatus.Absent, $"expected a delegation with a bundle of prekeys, got {delegation}");
    }
}
