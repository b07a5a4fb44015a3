using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <summary>
/// One competing receiver of a store. The store assigns messages to it while it has capacity; the owner collects and sends them. Capacity
/// is only granted when everything collected has been sent, so it never exceeds the link credit it was taken from.
/// </summary>
internal sealed class MessageReceiver(MessageStore store, IMessageConsumer consumer, ReceiveMode mode)
{
    // Guarded by the store's gate. With its lock, because that may end here and the message be somebody else's since.
    private readonly Queue<(MessageEntry Entry, MessageLock Lock)> _assigned = [];

    public ReceiveMode Mode { get; } = mode;

    /// <summary>Messages it may still be assigned. Guarded by the gate; changed by the store only.</summary>
    public int Capacity { get; set; }

    /// <summary>Whether it waits its turn in the store's ring. Guarded by the gate.</summary>
    public bool InRing { get; set; }

    /// <summary>The session it holds; null without sessions, or when the lock is gone. Guarded by the gate.</summary>
    public Session? Session { get; set; }

    /// <summary>
    /// Sets the capacity and takes what is there. Assigned messages are reported through <see cref="IMessageConsumer.Wake"/>.
    /// </summary>
    /// <param name="capacity">Messages the peer will take now; 0 stops further assignment.</param>
    public void Grant(int capacity) => store.Grant(this, capacity);

    /// <summary>Takes the assigned messages, to be sent in this order and then confirmed.</summary>
    /// <exception cref="JournalReadException">Contents cannot be read; the messages are back in their places.</exception>
    public void Collect(List<MessageSnapshot> messages)
    {
        var first = messages.Count;
        lock (store.Domain.Gate)
        {
            while (TryUnassign(out var entry))
            {
                messages.Add(entry.Snapshot());
            }
        }

        try
        {
            store.Load(messages, first);
        }
        catch (JournalReadException)
        {
            Return(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(messages)[first..]);
            messages.RemoveRange(first, messages.Count - first);
            throw;
        }
    }

    /// <summary>Collected messages went out: in receive-and-delete mode they are gone now.</summary>
    public void ConfirmSent(ReadOnlySpan<MessageSnapshot> messages)
    {
        if (Mode == ReceiveMode.ReceiveAndDelete) store.RemoveSent(messages);
    }

    /// <summary>Collected messages did not go out: they get their places back, delivery count unchanged.</summary>
    public void Return(ReadOnlySpan<MessageSnapshot> messages)
    {
        foreach (var message in messages)
        {
            store.Settle(message.LockToken, Settlement.Release);
        }
    }

    /// <summary>No more assignments; what was not collected goes back. What was sent stays locked.</summary>
    public void Close() => store.Close(this);

    /// <summary>Called by the store under the gate.</summary>
    internal void Assign(MessageEntry entry)
    {
        Capacity--;
        _assigned.Enqueue((entry, entry.Lock!));
        if (_assigned.Count == 1) consumer.Wake();
    }

    /// <summary>Called by the store under the gate.</summary>
    internal void LoseSession() => consumer.LoseSession();

    /// <summary>Takes the next message whose lock is still the one it was assigned under. Called under the gate.</summary>
    internal bool TryUnassign([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out MessageEntry entry)
    {
        while (_assigned.TryDequeue(out var assigned))
        {
            entry = assigned.Entry;
            if (ReferenceEquals(entry.Lock, assigned.Lock)) return true;
        }

        entry = null;
        return false;
    }
}
