using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Azure.Diagnostics;
using Relay.Core.Forwarding;

namespace Relay.Azure.Bus;

/// <summary>
/// Sends to entities of the bus: one sender each, a deadline each time, and
/// every way to fail turned into a <see cref="SendOutcome"/>. Thread-safe.
/// </summary>
internal sealed class BusSender(ServiceBusClient client, IOptions<ServiceBusOptions> options, TimeProvider time, ILogger<BusSender> logger)
    : IAsyncDisposable
{
    private readonly TimeSpan _timeout = options.Value.SendTimeout;
    private readonly Outages _outages = new();

    // Entities are our queues and the topics of valid directory documents, so there are few and they are kept.
    private readonly ConcurrentDictionary<string, Lazy<ServiceBusSender>> _senders = new(StringComparer.Ordinal);

    /// <exception cref="OperationCanceledException">The caller cancelled; whether the entity has the message is not known.</exception>
    public async ValueTask<SendOutcome> SendAsync(
        string entity, ServiceBusMessage message, string envelopeId, CancellationToken cancellationToken)
    {
        var sender = _senders.GetOrAdd(entity, static (name, client) => new(() => client.CreateSender(name)), client).Value;
        using var timeout = new CancellationTokenSource(_timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await sender.SendMessageAsync(message, linked.Token).ConfigureAwait(false);
            if (_outages.End(entity)) AzureLog.EntityAvailable(logger, entity);
            return SendOutcome.Accepted;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            return Unavailable(entity, "timeout", e);
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessageSizeExceeded)
        {
            AzureLog.EntityRefused(logger, entity, envelopeId, e.Reason.ToString(), e);
            return SendOutcome.Refused;
        }
        catch (ServiceBusException e)
        {
            return Unavailable(entity, e.Reason.ToString(), e);
        }
        catch (Exception e) when (ServiceFailure.IsOfBus(e))
        {
            return Unavailable(entity, e.GetType().Name, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var sender in _senders.Values)
        {
            if (sender.IsValueCreated) await sender.Value.DisposeAsync().ConfigureAwait(false);
        }
    }

    private SendOutcome Unavailable(string entity, string reason, Exception exception)
    {
        if (_outages.Begin(entity)) AzureLog.EntityUnavailable(logger, entity, reason, exception);
        return SendOutcome.Unavailable;
    }
}
