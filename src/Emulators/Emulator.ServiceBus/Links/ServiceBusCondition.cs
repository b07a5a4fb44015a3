using Emulator.Amqp.Framing;
using Emulator.Amqp.State;
using Emulator.Amqp.Types;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Transactions;

namespace Emulator.ServiceBus.Links;

/// <summary>Error conditions of Service Bus, and the one table from what an entity says to what a peer is told.</summary>
internal static class ServiceBusCondition
{
    public static readonly AmqpSymbol DeadLetter = new("com.microsoft:dead-letter");
    public static readonly AmqpSymbol MessageLockLost = new("com.microsoft:message-lock-lost");
    public static readonly AmqpSymbol SessionLockLost = new("com.microsoft:session-lock-lost");
    public static readonly AmqpSymbol SessionCannotBeLocked = new("com.microsoft:session-cannot-be-locked");
    public static readonly AmqpSymbol Timeout = new("com.microsoft:timeout");
    public static readonly AmqpSymbol MessageNotFound = new("com.microsoft:message-not-found");
    public static readonly AmqpSymbol EntityDisabled = new("com.microsoft:entity-disabled");
    public static readonly AmqpSymbol ArgumentError = new("com.microsoft:argument-error");
    public static readonly AmqpSymbol EntityAlreadyExists = new("com.microsoft:entity-already-exists");
    public static readonly AmqpSymbol AuthFailed = new("com.microsoft:auth-failed");
    public static readonly AmqpSymbol ServerBusy = new("com.microsoft:server-busy");

    /// <summary>In the service's words for a namespace that is being throttled.</summary>
    public static readonly AmqpError Busy = new(
        ServerBusy, "The request was terminated because the namespace is being throttled. Please wait 10 seconds and try again.");

    /// <summary>In the service's words: azure-sdk-for-net issues 18160 and 34997.</summary>
    public const string SpansEntities =
        "Local transactions cannot span multiple top-level entities such as queue or topic. With EnableCrossEntityTransactions, receive from one entity with a client.";

    /// <summary>Both official clients tell this by its text: JS looks for "The messaging entity ... could not be found".</summary>
    public static AmqpError EntityNotFound(string? host, string path) =>
        new(AmqpCondition.NotFound, $"The messaging entity 'sb://{host ?? "localhost"}/{path}' could not be found.");

    /// <summary>Why a link on an entity is detached.</summary>
    public static AmqpError Ended(EntityFault fault, AmqpSession session, string path) =>
        fault == EntityFault.EntityNotFound ? EntityNotFound(session.Connection.RemoteOpen?.HostName, path) : Of(fault, path);

    public static AmqpError Of(EntityFault fault, string path) => fault switch
    {
        EntityFault.None => new(AmqpCondition.InternalError, "No fault was to be reported."),
        EntityFault.LockLost =>
            new(
                MessageLockLost,
                "The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue."),
        EntityFault.SessionLockLost => new(SessionLockLost, "The session lock was lost. Request a new session receiver."),
        EntityFault.SessionIdMissing =>
            new(AmqpCondition.NotAllowed, "The SessionId was not set on a message, and it cannot be sent to the entity."),
        EntityFault.MessageNotFound =>
            new(MessageNotFound, $"Entity '{path}' holds no message with that sequence number in the state asked for."),
        EntityFault.QuotaExceeded =>
            new(AmqpCondition.ResourceLimitExceeded, $"The maximum entity size of '{path}' has been reached or exceeded."),
        EntityFault.EntityNotFound => EntityNotFound(null, path),
        EntityFault.Disabled => new(EntityDisabled, $"Entity '{path}' is disabled for this direction."),
        EntityFault.DeadLetterNotAllowed =>
            new(AmqpCondition.NotAllowed, $"Messages of the dead-letter queue '{path}' cannot be dead-lettered again."),
        EntityFault.PropertiesTooLarge => new(ArgumentError, $"Expected properties that fit in the message of '{path}' (each value 32 KiB, all 64 KiB), got larger ones: it is as it was, and locked."),
        EntityFault.RuleExists => new(EntityAlreadyExists, $"Subscription '{path}' has a rule of that name already."),
        EntityFault.RuleNotFound => new(AmqpCondition.NotFound, $"The messaging entity of that rule name could not be found on '{path}'."),
        EntityFault.StorageFailed =>
            new(
                AmqpCondition.ResourceLimitExceeded,
                $"Entity '{path}' could not store the change: its disk is full or fails. Try again later."),
    };

    /// <summary>What a client is told whose work a transaction does not take.</summary>
    public static AmqpError Of(TransactionFault fault) => fault switch
    {
        TransactionFault.None => new(AmqpCondition.InternalError, "No fault was to be reported."),
        TransactionFault.UnknownId =>
            new(
                AmqpCondition.TransactionUnknownId,
                "The transaction is not known here: it was discharged, never declared on this connection, or took longer than 2 minutes."),
        TransactionFault.LimitExceeded =>
            new(
                AmqpCondition.ResourceLimitExceeded,
                $"Expected at most {Transaction.MaxOperations} messages in a transaction, and 64 MiB in all of a connection, got more."),
        TransactionFault.SpansEntities => new(AmqpCondition.NotAllowed, SpansEntities),
        TransactionFault.RolledBack => new(AmqpCondition.TransactionRollback, "The transaction was rolled back."),
    };

    /// <summary>The management status code that goes with an error of a transaction's work.</summary>
    public static int StatusCode(AmqpError error) =>
        error.Condition == MessageLockLost || error.Condition == SessionLockLost ? 410 : error.Condition == MessageNotFound ? 404 : error.Condition == AmqpCondition.ResourceLimitExceeded ? 403 : 400;

    /// <summary>The management status code that goes with a fault.</summary>
    public static int StatusCode(EntityFault fault) => fault switch
    {
        EntityFault.None => 200,
        EntityFault.LockLost => 410,
        EntityFault.SessionLockLost => 410,
        EntityFault.SessionIdMissing => 400,
        EntityFault.MessageNotFound => 404,
        EntityFault.QuotaExceeded => 403,
        EntityFault.EntityNotFound => 404,
        EntityFault.Disabled => 400,
        EntityFault.DeadLetterNotAllowed => 400,
        EntityFault.PropertiesTooLarge => 400,
        EntityFault.RuleExists => 409,
        EntityFault.RuleNotFound => 404,
        EntityFault.StorageFailed => 500,
    };
}
