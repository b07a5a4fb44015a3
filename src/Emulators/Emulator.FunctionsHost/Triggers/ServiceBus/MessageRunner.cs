using Azure.Messaging.ServiceBus;
using Emulator.FunctionsHost.Indexing;
using Emulator.FunctionsHost.Invocation;

namespace Emulator.FunctionsHost.Triggers.ServiceBus;

/// <summary>One function's invocations, with their messages held for settlement as long as each runs.</summary>
/// <param name="stopping">Signalled when the host stops taking messages.</param>
/// <param name="cancelling">Signalled when what still runs is told to stop; the functions see it.</param>
internal sealed class MessageRunner(
    FunctionDescriptor function, HeldMessages held, FunctionInvoker invoker, CancellationToken stopping, CancellationToken cancelling)
{
    /// <exception cref="FunctionFailedException">The function did not succeed: the message is to be abandoned.</exception>
    public Task RunAsync(ServiceBusReceivedMessage message, IMessageSettler settler, ISessionHolder? session) =>
        HoldAsync([message], settler, session, () => MessageData.Single(message, session));

    /// <exception cref="FunctionFailedException">The function did not succeed.</exception>
    public Task RunBatchAsync(IReadOnlyList<ServiceBusReceivedMessage> messages, ReceiverSettler settler, ISessionHolder? session) =>
        HoldAsync(messages, settler, session, () => MessageData.Batch(messages, session));

    private async Task HoldAsync(
        IReadOnlyList<ServiceBusReceivedMessage> messages, IMessageSettler settler, ISessionHolder? session, Func<TriggerInput> compose)
    {
        if (stopping.IsCancellationRequested)
        {
            throw new FunctionFailedException($"The host stops: {function.Name} was not started.", inner: null, FunctionFailure.Canceled);
        }

        foreach (var message in messages) held.Add(message, settler);
        if (session is not null) held.Add(messages[0].SessionId, session);
        try
        {
            await invoker.InvokeAsync(function, compose(), cancelling).ConfigureAwait(false);
        }
        finally
        {
            foreach (var message in messages) held.Remove(message);
            if (session is not null) held.Remove(messages[0].SessionId, session);
        }
    }
}
