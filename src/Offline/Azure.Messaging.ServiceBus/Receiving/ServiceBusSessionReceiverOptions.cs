#nullable disable annotations
namespace Azure.Messaging.ServiceBus;

/// <summary>How a <see cref="ServiceBusSessionReceiver"/> works. Copied when the session is accepted.</summary>
public class ServiceBusSessionReceiverOptions
{
    private int _prefetchCount;

    /// <summary>Messages of the session kept ready without being asked for; default 0.</summary>
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

    /// <summary>A name for the receiver in diagnostics; made up when null or empty.</summary>
    public string Identifier { get; set; }
}
