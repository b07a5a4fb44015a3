namespace Emulator.ServiceBus.Entities;

/// <summary>An accept that waits for any session to become available.</summary>
/// <param name="consumer">The far side of the receiver to be.</param>
/// <param name="mode">How it receives.</param>
/// <param name="granted">Called once under the gate with the receiver that holds a session: leave a note, act later.</param>
internal sealed class SessionWaiter(IMessageConsumer consumer, ReceiveMode mode, Action<MessageReceiver> granted)
{
    public IMessageConsumer Consumer { get; } = consumer;

    public ReceiveMode Mode { get; } = mode;

    /// <summary>No longer interested. Guarded by the gate.</summary>
    public bool IsCancelled { get; set; }

    public void Grant(MessageReceiver receiver) => granted(receiver);
}
