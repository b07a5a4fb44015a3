using Relay.Client.Delegations;
using Relay.Client.Ledger;
using Relay.Protocol.Envelopes;

namespace Relay.Client.Storage;

/// <summary>
/// Where a delegation keeps what it must not lose: how far its streams have come, what it has sealed, what it has received, what it has yet
/// to acknowledge. Every write is whole and durable before it returns. <see cref="FolderDelegationStore"/> is one in a folder.
/// </summary>
/// <remarks>Reading throws <see cref="InvalidDataException"/> for what is there and is not what was written: to begin anew would repeat a
/// sequence, or forget what protects from a relay that goes back.</remarks>
public interface IDelegationStore
{
    /// <summary>Takes a stream for one writer, across processes; waits for whoever has it. The caller disposes it.</summary>
    /// <exception cref="TimeoutException">Another process kept it for minutes.</exception>
    ValueTask<IDisposable> LockStreamAsync(StreamId stream, CancellationToken cancellationToken);

    /// <summary>Where a stream stands; <see cref="StreamPosition.Start"/> for a new one.</summary>
    /// <exception cref="InvalidOperationException">Earlier sequences have to be made again first.</exception>
    ValueTask<StreamPosition> ReadPositionAsync(StreamId stream, CancellationToken cancellationToken);

    /// <summary>Keeps what was sealed, then moves its stream to it. Called under <see cref="LockStreamAsync"/>.</summary>
    ValueTask AdvanceAsync(SealedEnvelope made, CancellationToken cancellationToken);

    /// <summary>Keeps an envelope with its signatures in the place of what was sealed.</summary>
    ValueTask KeepAsync(Envelope signed, CancellationToken cancellationToken);

    /// <summary>What was sealed under an id; null when nothing is kept.</summary>
    ValueTask<SealedEnvelope?> FindSealedAsync(EnvelopeId id, CancellationToken cancellationToken);

    /// <summary>Takes a negotiation's inbox for one reader, across processes. The caller disposes it.</summary>
    /// <exception cref="InvalidOperationException">Another process reads.</exception>
    ValueTask<IDisposable> LockInboxAsync(string negotiation, CancellationToken cancellationToken);

    /// <summary>Reads the inbox's state; a new one where none is kept.</summary>
    /// <param name="negotiation">Name of the negotiation.</param>
    /// <param name="origin">Origin of its ledger.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<InboxState> ReadInboxAsync(string negotiation, string origin, CancellationToken cancellationToken);

    /// <summary>Notes an arrival, if there is one, then keeps the state.</summary>
    ValueTask SaveInboxAsync(string negotiation, InboxState state, ArrivalRecord? arrival, CancellationToken cancellationToken);

    /// <summary>Every envelope that arrived with a receipt that held.</summary>
    ValueTask<IReadOnlyList<ArrivalRecord>> ReadArrivalsAsync(string negotiation, CancellationToken cancellationToken);

    /// <summary>What <see cref="SaveUnsentAsync"/> kept last; empty at first.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadUnsentAsync(string negotiation, CancellationToken cancellationToken);

    /// <summary>Keeps the acknowledgements that the relay has not logged yet.</summary>
    ValueTask SaveUnsentAsync(string negotiation, ReadOnlyMemory<byte> unsent, CancellationToken cancellationToken);
}
