using Azure.Messaging.ServiceBus;

namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>Settles through the session processor that received.</summary>
internal sealed class SessionProcessorSettler(ProcessSessionMessageEventArgs args) : IMessageSettler, ISessionHolder
{
    public DateTimeOffset LockedUntil => args.SessionLockedUntil;

    public Task CompleteAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken) =>
        args.CompleteMessageAsync(message, cancellationToken);

    public Task AbandonAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? properties, CancellationToken cancellationToken) =>
        args.AbandonMessageAsync(message, properties, cancellationToken);

    public Task DeferAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? properties, CancellationToken cancellationToken) =>
        args.DeferMessageAsync(message, properties, cancellationToken);

    public Task DeadLetterAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? properties,
        string? reason,
        string? description,
        CancellationToken cancellationToken) =>
        properties is null
            ? args.DeadLetterMessageAsync(message, reason, description, cancellationToken)
            : args.DeadLetterMessageAsync(message, properties, reason, description, cancellationToken);

    // What is locked is the session: a lock of one message in it is the session's.
    public Task RenewLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken) =>
        args.RenewSessionLockAsync(cancellationToken);

    public Task<BinaryData> GetStateAsync(CancellationToken cancellationToken) => args.GetSessionStateAsync(cancellationToken);

    public Task SetStateAsync(BinaryData? state, CancellationToken cancellationToken) =>
        args.SetSessionStateAsync(state, cancellationToken);

    public void Release() => args.ReleaseSession();

    public async Task<DateTimeOffset> RenewLockAsync(CancellationToken cancellationToken)
    {
        await args.RenewSessionLockAsync(cancellationToken).ConfigureAwait(false);
        return args.SessionLockedUntil;
    }
}
