namespace Emulator.ServiceBus.Entities;

/// <summary>One session of a store: what is ready in it, who holds it, its state. Guarded by the store's gate.</summary>
internal sealed class Session(string id) : TimedItem
{
    public string Id { get; } = id;

    public ReadyList Ready { get; } = new();

    /// <summary>Messages delivered to the owner and not settled; they come back when the session is let go.</summary>
    public HashSet<MessageEntry> Locked { get; } = [];

    /// <summary>Who holds the lock, or null.</summary>
    public MessageReceiver? Owner { get; set; }

    /// <summary>End of the lock; meaningless without an owner.</summary>
    public DateTimeOffset LockedUntil { get; set; }

    /// <summary>The application's own bytes, or null.</summary>
    public ReadOnlyMemory<byte>? State { get; set; }

    public DateTimeOffset StateChangedAt { get; set; }

    /// <summary>Whether it waits among those that the next accept may take.</summary>
    public bool IsOffered { get; set; }

    /// <summary>Whether it is on the list of sessions to look at in the next pump.</summary>
    public bool IsTouched { get; set; }

    public bool IsUnused => Owner is null && Ready.Count == 0 && State is null;
}
