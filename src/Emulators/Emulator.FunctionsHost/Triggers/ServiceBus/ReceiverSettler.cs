using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>Settles a batch through the receiver it came by, and remembers what the function settled. Thread-safe.</summary>
internal sealed class ReceiverSettler(ServiceBusReceiver receiver) : IMessageSettler, ISessionHolder
{
    private readonly ConcurrentDictionary<string, byte> _settled = new(StringComparer.Ordinal);

    /// <summary>Whether the function let the session go.</summary>
    public bool IsReleased { get; private set; }

    public DateTimeOffset LockedUntil => Session.SessionLockedUntil;

    private ServiceBusSessionReceiver Session => (ServiceBusSessionReceiver)receiver;

    public bool IsSettled(ServiceBusReceivedMessage message) => _settled.ContainsKey(message.LockToken);

    public Task CompleteAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken) =>
        SettleAsync(message, receiver.CompleteMessageAsync(message, cancellationToken));

    public Task AbandonAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? properties, CancellationToken cancellationToken) =>
        SettleAsync(message, receiver.AbandonMessageAsync(message, properties, cancellationToken));

    public Task DeferAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? properties, CancellationToken cancellationToken) =>
        SettleAsync(message, receiver.DeferMessageAsync(message, properties, cancellationToken));

    public Task DeadLetterAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? properties,
        string? reason,
        string? description,
        CancellationToken cancellationToken) =>
        SettleAsync(message, properties is null
            ? receiver.DeadLetterMessageAsync(message, reason, description, cancellationToken)
            : receiver.DeadLetterMessageAsync(message, properties, reason, description, cancellationToken));

    public Task RenewLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken) =>
        receiver is ServiceBusSessionReceiver session
        ? session.RenewSessionLockAsync(cancellationToken)
        : receiver.RenewMessageLockAsync(message, cancellationToken);

    public Task<BinaryData> GetStateAsync(CancellationToken cancellationToken) => Session.GetSessionStateAsync(cancellationToken);

    public Task SetStateAsync(BinaryData? state, CancellationToken cancellationToken) =>
        Session.SetSessionStateAsync(state, cancellationToken);

    public void Release() => IsReleased = true;

    public async Task<DateTimeOffset> RenewLockAsync(CancellationToken cancellationToken)
    {
        await Session.RenewSessionLockAsync(cancellationToken).ConfigureAwait(false);
        return Session.SessionLockedUntil;
    }

    private async Task SettleAsync(ServiceBusReceivedMessage message, Task settling)
    {
        await settling.ConfigureAwait(false);
        _settled[message.LockToken] = 0;
    }
}
