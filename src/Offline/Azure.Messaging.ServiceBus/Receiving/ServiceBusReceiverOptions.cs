#nullable disable annotations
namespace Azure.Messaging.ServiceBus;

/// <summary>What a <see cref="ServiceBusReceiver"/> may be told beside its entity. Copied when the receiver is made.</summary>
public class ServiceBusReceiverOptions
{
    private int _prefetchCount;

    /// <summary>Messages kept ready in the receiver without being asked for; default 0. Their locks run while they wait.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int PrefetchCount
    {
        get => _prefetchCount;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(PrefetchCount));
            _prefetchCount = value;
        }
    }

    /// <summary>What receiving does to a message; peek-lock unless set.</summary>
    public ServiceBusReceiveMode ReceiveMode { get; set; } = ServiceBusReceiveMode.PeekLock;

    /// <summary>Which queue of the entity to receive from; the entity itself unless set.</summary>
    public SubQueue SubQueue { get; set; } = SubQueue.None;

    /// <summary>A name for the receiver in diagnostics; made up when null or empty.</summary>
    public string Identifier { get; set; }
}
