using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <content>Contents that only the journal has.</content>
internal sealed partial class MessageStore
{
    /// <summary>Reads the contents that are not in memory. Without the gate when many are wanted: the disk may be slow.</summary>
    /// <param name="messages">Those from <paramref name="first"/> on are loaded, and dropped where the message was settled
    /// meanwhile.</param>
    /// <param name="first">Where to begin.</param>
    /// <exception cref="JournalReadException">The journal cannot be read.</exception>
    public void Load(List<MessageSnapshot> messages, int first)
    {
        var cold = messages.FindIndex(first, static message => !message.IsLoaded);
        if (cold < 0) return;
        Domain.Journal.Load(Path, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(messages)[cold..]);
        messages.RemoveAll(static message => !message.IsLoaded);
    }

    /// <summary>
    /// Brings into memory what the settlement will need, so that it is done whole or not begun, and looks whether the message can hold what
    /// it adds.
    /// </summary>
    private EntityFault PrepareLocked(MessageEntry entry, Settlement settlement)
    {
        var needs = settlement.Kind switch
        {
            SettlementKind.Complete => false,
            SettlementKind.DeadLetter => true,
            SettlementKind.Abandon or SettlementKind.Defer or SettlementKind.Release =>
                settlement.Properties.Count > 0 || entry.DeliveryCount + 1 >= _settings.MaxDeliveryCount || entry.ExpiresAt <= Now(),
        };
        if (!needs) return EntityFault.None;
        try
        {
            // Given up again with the commit.
            entry.Content = ContentOfLocked(entry);
        }
        catch (JournalReadException)
        {
            return EntityFault.StorageFailed;
        }

        var fits = settlement.Kind == SettlementKind.Release || settlement.Properties.Count == 0
            || Domain.Codec.Fits(Domain.Codec.Merge(entry.Content, settlement.Properties));
        return fits ? EntityFault.None : EntityFault.PropertiesTooLarge;
    }

    /// <summary>Expires a message that was taken from the ready ones.</summary>
    /// <returns>False when the journal cannot be read: it is ready still, and due again in a while.</returns>
    private bool TryExpireLocked(MessageEntry entry)
    {
        try
        {
            ExpireLocked(entry);
            return true;
        }
        catch (JournalReadException)
        {
            _dispatch.MakeReady(entry, arrived: false);
            _timers.Set(entry, Now() + ReadRetry);
            return false;
        }
    }

    /// <summary>A message's content as dead letters keep it: with the time to live that it had here, its own or the entity's.</summary>
    /// <exception cref="JournalReadException">The journal cannot be read.</exception>
    private MessageContent StampedLocked(MessageEntry entry)
    {
        var content = ContentOfLocked(entry);
        if (entry.ExpiresAt == DateTimeOffset.MaxValue) return content;
        var given = entry.ExpiresAt - entry.EnqueuedTime;
        return content.TimeToLive <= given ? content : content with { TimeToLive = given };
    }

    /// <summary>A message's content, wherever it is.</summary>
    /// <exception cref="JournalReadException">The journal cannot be read.</exception>
    private MessageContent ContentOfLocked(MessageEntry entry)
    {
        if (entry.Content is { } content) return content;
        var message = entry.Snapshot();
        Domain.Journal.Load(Path, [message]);
        return message.IsLoaded
            ? message.Content
            : throw new JournalReadException($"Message {entry.SequenceNumber} of '{Path}' has no content in the journal.");
    }
}
