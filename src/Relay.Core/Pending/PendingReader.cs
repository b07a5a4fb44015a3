using Relay.Core.Directory;
using Relay.Core.Ledger.Reading;
using Relay.Core.Ledger.Store;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Pending;

/// <summary>Answers readers how far an envelope is that waits for more signatures. Safe for concurrent use.</summary>
public sealed class PendingReader
{
    private readonly PendingEnvelopes _pending;
    private readonly NegotiationDirectory _directory;

    internal PendingReader(PendingEnvelopes pending, NegotiationDirectory directory)
    {
        _pending = pending;
        _directory = directory;
    }

    /// <summary>How far it is, by the negotiation's document of now.</summary>
    /// <returns>Null when none waits under that id; not found when that cannot be read now.</returns>
    public async ValueTask<LedgerRead<PendingStanding>?> FindAsync(EnvelopeId id, CancellationToken cancellationToken)
    {
        var entry = await _directory.FindAsync(id.Negotiation, DirectoryShare.Caller, cancellationToken).ConfigureAwait(false);
        if (entry?.Document is not { } document) return null;
        try
        {
            LedgerRead<PendingStanding>? none = null;
            return await _pending.FindAsync(id, document, cancellationToken).ConfigureAwait(false) is { } standing ? standing : none;
        }
        catch (LedgerStoreException e)
        {
            return new LedgerReadFailure(LedgerReadStatus.Unavailable, e.Message);
        }
    }
}
