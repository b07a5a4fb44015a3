using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>Error conditions of AMQP 1.0 (part 2, 2.8.15 to 2.8.18; part 4, 4.5.8).</summary>
public static class AmqpCondition
{
    /// <summary>amqp:internal-error</summary>
    public static readonly AmqpSymbol InternalError = new("amqp:internal-error");

    /// <summary>amqp:not-found</summary>
    public static readonly AmqpSymbol NotFound = new("amqp:not-found");

    /// <summary>amqp:unauthorized-access</summary>
    public static readonly AmqpSymbol UnauthorizedAccess = new("amqp:unauthorized-access");

    /// <summary>amqp:decode-error</summary>
    public static readonly AmqpSymbol DecodeError = new("amqp:decode-error");

    /// <summary>amqp:resource-limit-exceeded</summary>
    public static readonly AmqpSymbol ResourceLimitExceeded = new("amqp:resource-limit-exceeded");

    /// <summary>amqp:not-allowed</summary>
    public static readonly AmqpSymbol NotAllowed = new("amqp:not-allowed");

    /// <summary>amqp:invalid-field</summary>
    public static readonly AmqpSymbol InvalidField = new("amqp:invalid-field");

    /// <summary>amqp:not-implemented</summary>
    public static readonly AmqpSymbol NotImplemented = new("amqp:not-implemented");

    /// <summary>amqp:illegal-state</summary>
    public static readonly AmqpSymbol IllegalState = new("amqp:illegal-state");

    /// <summary>amqp:connection:forced</summary>
    public static readonly AmqpSymbol ConnectionForced = new("amqp:connection:forced");

    /// <summary>amqp:connection:framing-error</summary>
    public static readonly AmqpSymbol FramingError = new("amqp:connection:framing-error");

    /// <summary>amqp:session:window-violation</summary>
    public static readonly AmqpSymbol WindowViolation = new("amqp:session:window-violation");

    /// <summary>amqp:session:errant-link</summary>
    public static readonly AmqpSymbol ErrantLink = new("amqp:session:errant-link");

    /// <summary>amqp:session:handle-in-use</summary>
    public static readonly AmqpSymbol HandleInUse = new("amqp:session:handle-in-use");

    /// <summary>amqp:session:unattached-handle</summary>
    public static readonly AmqpSymbol UnattachedHandle = new("amqp:session:unattached-handle");

    /// <summary>amqp:link:detach-forced</summary>
    public static readonly AmqpSymbol DetachForced = new("amqp:link:detach-forced");

    /// <summary>amqp:link:transfer-limit-exceeded</summary>
    public static readonly AmqpSymbol TransferLimitExceeded = new("amqp:link:transfer-limit-exceeded");

    /// <summary>amqp:link:message-size-exceeded</summary>
    public static readonly AmqpSymbol MessageSizeExceeded = new("amqp:link:message-size-exceeded");

    /// <summary>amqp:link:stolen</summary>
    public static readonly AmqpSymbol LinkStolen = new("amqp:link:stolen");

    /// <summary>amqp:transaction:unknown-id</summary>
    public static readonly AmqpSymbol TransactionUnknownId = new("amqp:transaction:unknown-id");

    /// <summary>amqp:transaction:rollback</summary>
    public static readonly AmqpSymbol TransactionRollback = new("amqp:transaction:rollback");
}
