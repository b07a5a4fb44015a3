using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Relay.Functions.Tests;

/// <summary>Remembers how messages were settled, in order. Thread-safe.</summary>
internal sealed class FakeActions(Acts acts) : ServiceBusMessageActions
{
    /// <summary>The fault of a settlement, asked before each; null lets it succeed.</summary>
    public Func<ServiceBusReceivedMessage, Exception?> Refuses { get; set; } = _ => null;

    public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default) =>
        SettleAsync(message, "complete", cancellationToken);

    public override Task AbandonMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object>? propertiesToModify = default,
        CancellationToken cancellationToken = default) =>
        SettleAsync(message, "abandon", cancellationToken);

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = default,
        string? deadLetterReason = default,
        string? deadLetterErrorDescription = default,
        CancellationToken cancellationToken = default)
    {
        Assert.True(deadLetterErrorDescription!.Length <= 4_096);
        return SettleAsync(message, $"dead-letter {deadLetterReason}: {deadLetterErrorDescription}", cancellationToken);
    }

    private async Task SettleAsync(ServiceBusReceivedMessage message, string act, CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        cancellationToken.ThrowIfCancellationRequested();
        acts.Add(act, message.SequenceNumber);
        if (Refuses(message) is { } fault) throw fault;
    }
}
