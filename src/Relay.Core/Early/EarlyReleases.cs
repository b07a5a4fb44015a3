using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;

namespace Relay.Core.Early;

/// <summary>Tells the kept envelopes of what the ledger released: their turn may have come with it.</summary>
internal sealed class EarlyReleases(IReleaseForwarding forwarding, EarlyEnvelopes early) : IReleaseForwarding
{
    /// <inheritdoc/>
    public ValueTask<string?> ForwardAsync(LoggedEnvelope envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        early.Logged(envelope.Id);
        return forwarding.ForwardAsync(envelope, cancellationToken);
    }
}
