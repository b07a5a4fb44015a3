using System.Diagnostics.CodeAnalysis;
using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <summary>Which receiver gets which ready message. Every member runs under the store's gate.</summary>
internal abstract class Dispatch
{
    /// <summary>A message may be delivered.</summary>
    /// <param name="entry">In state ready.</param>
    /// <param name="arrived">True when it is the newest of the store, false when it returns to its place.</param>
    public abstract void MakeReady(MessageEntry entry, bool arrived);

    /// <summary>A message left the ready state without having been taken; its state is set already.</summary>
    public abstract void Forget(MessageEntry entry);

    /// <summary>A receiver was granted capacity.</summary>
    public abstract void Offer(MessageReceiver receiver);

    /// <summary>Whether any message may be delivered.</summary>
    public abstract bool HasReady { get; }

    /// <summary>Takes the oldest message that may be delivered, whoever waits for it.</summary>
    public abstract bool TryTake([MaybeNullWhen(false)] out MessageEntry entry);

    /// <summary>Takes the next message and the receiver with capacity that is to have it.</summary>
    public abstract bool TryNext([MaybeNullWhen(false)] out MessageEntry entry, [MaybeNullWhen(false)] out MessageReceiver receiver);
}
