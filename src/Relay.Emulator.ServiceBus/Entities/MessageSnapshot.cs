namespace Relay.Emulator.ServiceBus.Entities;

/// <summary>A message as it stood at one moment, safe to read outside the gate.</summary>
/// <param name="LockedUntil">Meaningless unless the reader holds the lock.</param>
internal sealed record MessageSnapshot(
    MessageContent Content,
    long SequenceNumber,
    long EnqueueSequenceNumber,
    DateTimeOffset EnqueuedTime,
    int DeliveryCount,
    MessageState State,
    Guid LockToken,
    DateTimeOffset LockedUntil,
    string? DeadLetterSource);
