namespace Emulator.ServiceBus.Entities;

/// <summary>Why an entity did not do what it was asked. One table turns each into an AMQP condition.</summary>
internal enum EntityFault
{
    None,

    /// <summary>The lock token is unknown here or its lock has ended.</summary>
    LockLost,

    /// <summary>Nobody holds the session's lock, or a message's lock ended with it.</summary>
    SessionLockLost,

    /// <summary>A message without session id for an entity that requires one.</summary>
    SessionIdMissing,

    /// <summary>No deferred or scheduled message with that sequence number.</summary>
    MessageNotFound,

    /// <summary>Storing the messages would go over the entity's size quota.</summary>
    QuotaExceeded,

    /// <summary>The entity was deleted.</summary>
    EntityNotFound,

    /// <summary>The entity's status closes this direction.</summary>
    Disabled,

    /// <summary>Messages of a dead-letter queue cannot be dead-lettered.</summary>
    DeadLetterNotAllowed,

    /// <summary>What a settlement adds to a message's properties does not fit.</summary>
    PropertiesTooLarge,

    /// <summary>The subscription has a rule of that name.</summary>
    RuleExists,

    /// <summary>The subscription has no rule of that name.</summary>
    RuleNotFound,

    /// <summary>The journal cannot be written at the moment: nothing was changed.</summary>
    StorageFailed,
}
