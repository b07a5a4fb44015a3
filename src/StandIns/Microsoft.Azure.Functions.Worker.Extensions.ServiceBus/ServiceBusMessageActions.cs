using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Settling;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Settles the messages of one invocation, by the host: it holds their locks.</summary>
/// <remarks>Each call fails with <see cref="Grpc.Core.RpcException"/>: status FailedPrecondition for a message the host does not hold (any more), Unknown for what the bus refused.</remarks>
[InputConverter(typeof(ServiceBusMessageActionsConverter))]
public class ServiceBusMessageActions
{
    private readonly Settling.Settlement.SettlementClient? _settlement;

    internal ServiceBusMessageActions(Settling.Settlement.SettlementClient settlement) => _settlement = settlement;

    /// <summary>For fakes that override what they need.</summary>
    protected ServiceBusMessageActions()
    {
    }

    private Settling.Settlement.SettlementClient Host =>
        _settlement ?? throw new InvalidOperationException("Only a host settles messages: a fake overrides the member.");

    public virtual async Task CompleteMessageAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        await Host.CompleteAsync(new() { Locktoken = message.LockToken }, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    public virtual async Task AbandonMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var request = new AbandonRequest { Locktoken = message.LockToken, PropertiesToModify = PropertyMap.Encode(propertiesToModify) };
        await Host.AbandonAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    public virtual async Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = default,
        string? deadLetterReason = default,
        string? deadLetterErrorDescription = default,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var request = new DeadletterRequest
        {
            Locktoken = message.LockToken,
            PropertiesToModify = PropertyMap.Encode(propertiesToModify),
            DeadletterReason = deadLetterReason,
            DeadletterErrorDescription = deadLetterErrorDescription,
        };
        await Host.DeadletterAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    public virtual async Task DeferMessageAsync(
        ServiceBusReceivedMessage message, IDictionary<string, object>? propertiesToModify = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        var request = new DeferRequest { Locktoken = message.LockToken, PropertiesToModify = PropertyMap.Encode(propertiesToModify) };
        await Host.DeferAsync(request, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    public virtual async Task RenewMessageLockAsync(ServiceBusReceivedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        await Host.RenewMessageLockAsync(new() { Locktoken = message.LockToken }, cancellationToken: cancellationToken).ConfigureAwait(false);
    }
}
