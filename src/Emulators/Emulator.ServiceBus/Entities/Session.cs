using Emulator.ServiceBus.Messages;

namespace Emulator.ServiceBus.Entities;

/// <summary>One session of a store: what is ready in it, who holds it, its state. Guarded by the store's gate.</summary>
internal sealed class Session(string id) : TimedItem
{
    public string Id { get; } = id;

    public ReadyList Ready { get; } = new();

    /// <summary>The owner's, with what was delivered to it.</summary>
    public SessionLock Lock { get; } = new();

    /// <summary>Who holds the lock, or null.</summary>
    public MessageReceiver? Owner { get; set; }

    /// <summary>The application's own bytes, or null.</summary>
    public ReadOnlyMemory<byte>? State { get; set; }

    public DateTimeOffset StateChangedAt { get; set; }

    /// <summary>Whether it waits among those that the next accept may take.</summary>
    public bool IsOffered { get; set; }

    /// <summary>Whether it is on the list of sessions to look at in the next pump.</summary>
    public bool IsTouched { get; set; }

    public bool IsUnused => Owner is null && Ready.Count == 0 && State is null;
}
