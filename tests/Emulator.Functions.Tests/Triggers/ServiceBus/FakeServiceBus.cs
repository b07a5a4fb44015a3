using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;

namespace Emulator.Functions.Tests.Triggers.ServiceBus;

/// <summary>A client without a broker: keeps its processors, by entity.</summary>
internal sealed class FakeServiceBusClient : ServiceBusClient
{
    public ConcurrentDictionary<string, FakeProcessor> Processors { get; } = new();

    public bool Disposed { get; private set; }

    public Exception? StartFailure { get; set; }

    public override ServiceBusProcessor CreateProcessor(string queueName, ServiceBusProcessorOptions options) => Add(queueName, options);

    public override ServiceBusProcessor CreateProcessor(string topicName, string subscriptionName, ServiceBusProcessorOptions options) =>
        Add($"{topicName}/{subscriptionName}", options);

#pragma warning disable CA2215 // The base has nothing: it was never connected.
    public override ValueTask DisposeAsync()
    {
        Disposed = true;
        return ValueTask.CompletedTask;
    }
#pragma warning restore CA2215

    private FakeProcessor Add(string entity, ServiceBusProcessorOptions options) =>
        Processors.GetOrAdd(entity, _ => new FakeProcessor(this, options));
}

/// <summary>Hands over the messages a test gives it, and keeps what became of each, as the real processor decides it.</summary>
internal sealed class FakeProcessor(FakeServiceBusClient client, ServiceBusProcessorOptions options) : ServiceBusProcessor
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Task> _running = [];
    private int _starts;

    public ServiceBusProcessorOptions Options { get; } = options;

    public int Starts => Volatile.Read(ref _starts);

    public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeReceiver Receiver { get; } = new();

    public override Task StartProcessingAsync(CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _starts);
        if (client.StartFailure is { } failure)
        {
            throw failure;
        }

        Started.TrySetResult();
        return Task.CompletedTask;
    }

    public override async Task StopProcessingAsync(CancellationToken cancellationToken = default)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running).WaitAsync(cancellationToken);
    }

    public override Task CloseAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <summary>Runs the handler; the returned exception is what it threw.</summary>
    public Task<Exception?> DeliverAsync(ServiceBusReceivedMessage message)
    {
        var running = RunAsync(message);
        _running.Add(running);
        return running;
    }

    public Task FailAsync(Exception exception, ServiceBusErrorSource source) =>
        OnProcessErrorAsync(new ProcessErrorEventArgs(exception, source, "namespace", "entity", "id", CancellationToken.None));

    private async Task<Exception?> RunAsync(ServiceBusReceivedMessage message)
    {
        try
        {
            await OnProcessMessageAsync(new ProcessMessageEventArgs(message, Receiver, _stopping.Token));
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }
}

/// <summary>Writes down every settlement.</summary>
internal sealed class FakeReceiver : ServiceBusReceiver
{
    private readonly ConcurrentQueue<string> _settlements = new();

    public IReadOnlyList<string> Settlements => [.. _settlements];

    public Exception? Failure { get; set; }

    public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) => Settle("complete", message);

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        Settle($"abandon{Describe(propertiesToModify)}", message);

    public override Task DeferMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = null, CancellationToken cancellationToken = default) =>
        Settle($"defer{Describe(propertiesToModify)}", message);

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message, string deadLetterReason, string? deadLetterErrorDescription = null, CancellationToken cancellationToken = default) =>
        Settle($"dead-letter({deadLetterReason}, {deadLetterErrorDescription})", message);

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify,
        string deadLetterReason,
        string? deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default) =>
        Settle($"dead-letter({deadLetterReason}, {deadLetterErrorDescription}){Describe(propertiesToModify)}", message);

    public override Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) => Settle("renew", message);

    private Task Settle(string what, ServiceBusReceivedMessage message)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        _settlements.Enqueue($"{what} {message.MessageId}");
        return Task.CompletedTask;
    }

    private static string Describe(IDictionary<string, object>? properties) =>
        properties is null ? "" : $"[{string.Join(',', properties.Select(property => $"{property.Key}={property.Value}"))}]";
}
