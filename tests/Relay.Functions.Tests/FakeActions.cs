using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;

namespace Relay.Functions.Tests;

/// <summary>Remembers how a message was settled, in order.</summary>
internal sealed class FakeActions(List<string> acts) : ServiceBusMessageActions
{
    public override Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        acts.Add("complete");
        return Task.CompletedTask;
    }

    public override Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = default,
        string? deadLetterReason = default,
        string? deadLetterErrorDescription = default,
        CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Assert.True(deadLetterErrorDescription!.Length <= 4_096);
        acts.Add($"dead-letter {deadLetterReason}: {deadLetterErrorDescription}");
        return Task.CompletedTask;
    }
}
