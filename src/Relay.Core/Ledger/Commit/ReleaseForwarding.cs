using Relay.Core.Diagnostics;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Commit;

/// <summary>Forwards released envelopes to the topics that the directory names now.</summary>
internal sealed class ReleaseForwarding(NegotiationDirectory directory, EnvelopeForwarding forwarding, IRulingTally tally)
    : IReleaseForwarding
{
    /// <inheritdoc/>
    public async ValueTask<string?> ForwardAsync(LoggedEnvelope envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        var negotiation = envelope.Id.Negotiation;
        var entry = await directory.FindAsync(negotiation, DirectoryShare.Queue, cancellationToken).ConfigureAwait(false);
        if (entry?.Document is not { } document) return $"the directory's document of '{negotiation}' cannot be used now";
        var ruling = await forwarding.ForwardAsync(envelope, document, null, cancellationToken).ConfigureAwait(false);
        if (ruling.Verdict == Verdict.Forwarded) tally.Released(envelope.Id, envelope.ContentLength);
        // Refused for good or expired: no later try would end otherwise, and the ledger's entry stays.
        return ruling.Verdict == Verdict.TopicUnavailable ? ruling.Description : null;
    }
}
