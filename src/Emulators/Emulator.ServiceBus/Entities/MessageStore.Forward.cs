using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <content>Messages that move on to another entity.</content>
internal sealed partial class MessageStore
{
    private const int MaxHops = 4;

    // Whether it waits for the worker, or is worked on. Guarded by the gate.
    private bool _isForwarding;

    /// <summary>Where messages of this store go; null when they stay.</summary>
    public string? ForwardTo => _settings.ForwardTo;

    /// <summary>Takes what cannot be forwarded; null in a store that never forwards.</summary>
    public MessageStore? TransferDeadLetters { get; init; }

    /// <summary>Moves messages that are ready, oldest first. Called under the gates of this store and of the target.</summary>
    /// <param name="target">Null when there is no such entity.</param>
    /// <param name="most">At least 1.</param>
    /// <returns>False when no more are ready; the next that is wakes the worker again.</returns>
    /// <exception cref="JournalReadException">The next message cannot be read; those before it were moved.</exception>
    internal bool ForwardLocked(ISendTarget? target, int most)
    {
        for (; most > 0; most--)
        {
            if (IsErased || _settings.ForwardTo is null || !_dispatch.TryTake(out var entry))
            {
                EndForwardingLocked();
                return false;
            }

            try
            {
                if (entry.ExpiresAt <= Now()) ExpireLocked(entry);
                else MoveLocked(entry, target);
            }
            catch (JournalReadException)
            {
                _dispatch.MakeReady(entry, arrived: false);
                throw;
            }
        }

        return true;
    }

    internal void EndForwardingLocked() => _isForwarding = false;

    private void BeginForwardingLocked()
    {
        if (_isForwarding || !_dispatch.HasReady || Domain.Forwarding is not { } forwarding) return;
        _isForwarding = true;
        forwarding.Wake(this);
    }

    private void MoveLocked(MessageEntry entry, ISendTarget? target)
    {
        var content = ContentOfLocked(entry);
        if (content.Hops >= MaxHops)
        {
            if (_deadLetters is not null) DeadLetterLocked(entry, DeadLetterReason.MaxTransferHopCountExceeded(), entry.DeliveryCount);
            else TransferDeadLetterLocked(entry, DeadLetterReason.MaxTransferHopCountExceeded());
            return;
        }

        var moved = content with { Hops = content.Hops + 1 };
        var fault = target?.ForwardLocked(moved, entry.EnqueueSequenceNumber, entry.DeadLetterSource) ?? EntityFault.EntityNotFound;
        if (fault == EntityFault.None) RemoveLocked(entry);
        else TransferDeadLetterLocked(entry, DeadLetterReason.TransferFailed(fault, _settings.ForwardTo!));
    }

    private void TransferDeadLetterLocked(MessageEntry entry, IReadOnlyList<KeyValuePair<string, object?>> reason)
    {
        TransferDeadLetters!.AddLocked(
            Domain.Codec.Merge(StampedLocked(entry), reason),
            Now(),
            entry.EnqueueSequenceNumber,
            entry.DeliveryCount,
            entry.DeadLetterSource ?? Path);
        RemoveLocked(entry);
        TransferDeadLetters.PumpLocked();
    }
}
