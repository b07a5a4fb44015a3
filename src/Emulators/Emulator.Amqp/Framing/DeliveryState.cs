using Emulator.Amqp.Types;

namespace Emulator.Amqp.Framing;

/// <summary>
/// The state of a delivery: an outcome, <see cref="Received"/> or a <see cref="TransactionalState"/>. AMQP 1.0 part 3, 3.4 and part 4, 4.5.
/// </summary>
public abstract record DeliveryState
{
    private protected DeliveryState()
    {
    }
}

/// <summary>Processed. AMQP 1.0 part 3, 3.4.2.</summary>
public sealed record Accepted : DeliveryState
{
    /// <summary>The only instance: the state has no fields.</summary>
    public static readonly Accepted Instance = new();

    private Accepted()
    {
    }
}

/// <summary>Invalid or dead-lettered. AMQP 1.0 part 3, 3.4.3.</summary>
/// <param name="Error">Why; null in a broker's answer to a dead-letter disposition.</param>
public sealed record Rejected(AmqpError? Error) : DeliveryState;

/// <summary>Not processed, delivery count unchanged. AMQP 1.0 part 3, 3.4.4.</summary>
public sealed record Released : DeliveryState
{
    /// <summary>The only instance: the state has no fields.</summary>
    public static readonly Released Instance = new();

    private Released()
    {
    }
}

/// <summary>Modified and not processed: abandon, or defer when <paramref name="UndeliverableHere"/>. AMQP 1.0 part 3, 3.4.5.</summary>
/// <param name="DeliveryFailed">Count the transfer as an unsuccessful delivery; null when absent on the wire.</param>
/// <param name="UndeliverableHere">Do not deliver again on this link; null when absent on the wire.</param>
/// <param name="MessageAnnotations">Annotations to merge; Service Bus merges them into application-properties.</param>
public sealed record Modified(bool? DeliveryFailed = null, bool? UndeliverableHere = null, AmqpMap? MessageAnnotations = null)
    : DeliveryState;

/// <summary>Partly received; not used by Service Bus. AMQP 1.0 part 3, 3.4.1.</summary>
public sealed record Received(uint SectionNumber, ulong SectionOffset) : DeliveryState;

/// <summary>Outcome of a declare: the transaction's id. AMQP 1.0 part 4, 4.5.5.</summary>
/// <param name="TransactionId">1 to 32 bytes.</param>
public sealed record Declared(ReadOnlyMemory<byte> TransactionId) : DeliveryState;

/// <summary>Work done under a transaction. AMQP 1.0 part 4, 4.5.6.</summary>
/// <param name="TransactionId">1 to 32 bytes.</param>
/// <param name="Outcome">The provisional outcome; null on transfers.</param>
public sealed record TransactionalState(ReadOnlyMemory<byte> TransactionId, DeliveryState? Outcome) : DeliveryState;
