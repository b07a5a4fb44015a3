using Azure.Messaging.ServiceBus.Administration;
using Relay.Amqp.Client;
using Relay.Amqp.Framing;
using Relay.Amqp.Messages;
using Relay.Amqp.Types;

namespace Azure.Messaging.ServiceBus.Wire;

/// <summary>Requests to an entity's <c>$management</c> node, over links opened when first wanted.</summary>
/// <param name="scope">The connection.</param>
/// <param name="entityPath">The entity.</param>
/// <param name="sessionId">The session of the receiver that asks; null without one.</param>
internal sealed class ManagementClient(ConnectionScope scope, string entityPath, string? sessionId = null) : IAsyncDisposable
{
    private readonly LinkSlot<AmqpRequestLink> _link =
        new(token => scope.OpenManagementAsync(entityPath, token), link => !link.Closed.IsCompleted);

    /// <summary>Looks at messages from a number on, in any state.</summary>
    public async Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekAsync(long fromSequenceNumber, int maxMessages, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var body = new AmqpMap { { "from-sequence-number", fromSequenceNumber }, { "message-count", maxMessages } };
        AddIfSet(body, "session-id", sessionId);
        var response = await RequestAsync("com.microsoft:peek-message", body, timeout, cancellationToken).ConfigureAwait(false);
        var status = RequestFailure.ManagementStatus(response);
        if (status == 200)
        {
            return ReadMessages(response, peeked: true);
        }

        var error = RequestFailure.ManagementError(response);
        return status == 204 || error.Condition.Value == ServiceBusCondition.MessageNotFound ? [] : throw ErrorMapping.FromError(error, entityPath);
    }

    /// <summary>Receives deferred messages: all or none.</summary>
    public async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveDeferredAsync(long[] sequenceNumbers, ServiceBusReceiveMode mode, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var body = new AmqpMap
        {
            { "sequence-numbers", sequenceNumbers },
            { "receiver-settle-mode", mode == ServiceBusReceiveMode.ReceiveAndDelete ? 0u : 1u },
        };
        AddIfSet(body, "session-id", sessionId);
        return ReadMessages(await SucceedAsync("com.microsoft:receive-by-sequence-number", body, timeout, cancellationToken).ConfigureAwait(false), peeked: false);
    }

    /// <summary>Renews a lock.</summary>
    /// <returns>Its new end.</returns>
    public async Task<DateTimeOffset> RenewLockAsync(Guid lockToken, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var body = new AmqpMap { { "lock-tokens", new[] { lockToken } } };
        var response = await SucceedAsync("com.microsoft:renew-lock", body, timeout, cancellationToken).ConfigureAwait(false);
        return Body(response).TryGet<DateTime[]>("expirations", out var ends) && ends.Length > 0
            ? new DateTimeOffset(DateTime.SpecifyKind(ends[0], DateTimeKind.Utc))
            : throw Unreadable("expirations");
    }

    /// <summary>Settles a locked message whose link is gone, or that came by number.</summary>
    public Task SettleAsync(Guid lockToken, Settlement settlement, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var body = new AmqpMap { { "lock-tokens", new[] { lockToken } }, { "disposition-status", settlement.Status } };
        if (settlement.Reason is { } reason)
        {
            body.Add("deadletter-reason", reason);
        }

        if (settlement.Description is { } description)
        {
            body.Add("deadletter-description", description);
        }

        if (settlement.Properties is { } properties)
        {
            body.Add("properties-to-modify", properties);
        }

        AddIfSet(body, "session-id", sessionId);
        return SucceedAsync("com.microsoft:update-disposition", body, timeout, cancellationToken);
    }

    /// <summary>Schedules messages.</summary>
    /// <param name="messages">Each with its encoded form.</param>
    /// <param name="timeout">Told to the service.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The number of each, by which it can be cancelled.</returns>
    public async Task<IReadOnlyList<long>> ScheduleAsync(IEnumerable<(ServiceBusMessage Message, byte[] Encoded)> messages, TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var entries = new List<object?>();
        foreach (var (message, encoded) in messages)
        {
            var entry = new AmqpMap { { "message", new ReadOnlyMemory<byte>(encoded) }, { "message-id", message.MessageId ?? "" } };
            AddIfSet(entry, "session-id", message.SessionId);
            AddIfSet(entry, "partition-key", message.PartitionKey);
            AddIfSet(entry, "via-partition-key", message.TransactionPartitionKey);
            entries.Add(entry);
        }

        var response = await SucceedAsync("com.microsoft:schedule-message", new AmqpMap { { "messages", entries } }, timeout, cancellationToken).ConfigureAwait(false);
        return Body(response).TryGet<long[]>("sequence-numbers", out var numbers) && numbers.Length == entries.Count ? numbers : throw Unreadable("sequence-numbers");
    }

    /// <summary>Cancels scheduled messages.</summary>
    public Task CancelScheduledAsync(long[] sequenceNumbers, TimeSpan timeout, CancellationToken cancellationToken) =>
        SucceedAsync("com.microsoft:cancel-scheduled-message", new AmqpMap { { "sequence-numbers", sequenceNumbers } }, timeout, cancellationToken);

    /// <summary>Renews the lock on the session.</summary>
    /// <returns>Its new end.</returns>
    public async Task<DateTimeOffset> RenewSessionLockAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var response = await SucceedAsync("com.microsoft:renew-session-lock", new AmqpMap { { "session-id", sessionId } }, timeout, cancellationToken).ConfigureAwait(false);
        return Body(response).TryGet<DateTime>("expiration", out var end) ? new DateTimeOffset(DateTime.SpecifyKind(end, DateTimeKind.Utc)) : throw Unreadable("expiration");
    }

    /// <summary>Reads the session's state; null when it has none.</summary>
    public async Task<ReadOnlyMemory<byte>?> GetSessionStateAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var response = await SucceedAsync("com.microsoft:get-session-state", new AmqpMap { { "session-id", sessionId } }, timeout, cancellationToken).ConfigureAwait(false);
        return Body(response).TryGet<ReadOnlyMemory<byte>>("session-state", out var state) ? state : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>Sets the session's state; null clears it.</summary>
    public Task SetSessionStateAsync(ReadOnlyMemory<byte>? state, TimeSpan timeout, CancellationToken cancellationToken) =>
        SucceedAsync("com.microsoft:set-session-state", new AmqpMap { { "session-id", sessionId }, { "session-state", state } }, timeout, cancellationToken);

    /// <summary>Adds a rule to the subscription.</summary>
    public Task AddRuleAsync(AmqpMap rule, TimeSpan timeout, CancellationToken cancellationToken) => SucceedAsync("com.microsoft:add-rule", rule, timeout, cancellationToken);

    /// <summary>Removes a rule of the subscription.</summary>
    public Task RemoveRuleAsync(string name, TimeSpan timeout, CancellationToken cancellationToken) =>
        SucceedAsync("com.microsoft:remove-rule", new AmqpMap { { "rule-name", name } }, timeout, cancellationToken);

    /// <summary>Lists rules of the subscription; none at the end.</summary>
    public async Task<IReadOnlyList<RuleProperties>> GetRulesAsync(int skip, int top, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var response = await RequestAsync("com.microsoft:enumerate-rules", new AmqpMap { { "skip", skip }, { "top", top } }, timeout, cancellationToken).ConfigureAwait(false);
        switch (RequestFailure.ManagementStatus(response))
        {
            case 204:
                return [];
            case 200 when Body(response).TryGet<List<object?>>("rules", out var entries):
                return entries.ConvertAll(entry => RuleCodec.Read(entry) ?? throw Unreadable("rule-description"));
            case 200:
                throw Unreadable("rules");
            default:
                throw ErrorMapping.FromError(RequestFailure.ManagementError(response), entityPath);
        }
    }

    /// <summary>Closes the links, if they were ever opened.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (await _link.CloseAsync(cancellationToken).ConfigureAwait(false) is { } link)
        {
            await link.CloseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private static void AddIfSet(AmqpMap entry, string name, string? value)
    {
        if (value is not null)
        {
            entry.Add(name, value);
        }
    }

    private static AmqpMap Body(AmqpMessage response) => response.Value as AmqpMap ?? [];

    private List<ServiceBusReceivedMessage> ReadMessages(AmqpMessage response, bool peeked)
    {
        if (!Body(response).TryGet<List<object?>>("messages", out var entries))
        {
            throw Unreadable("messages");
        }

        var messages = new List<ServiceBusReceivedMessage>(entries.Count);
        foreach (var entry in entries)
        {
            if (entry is not AmqpMap map || !map.TryGet<ReadOnlyMemory<byte>>("message", out var encoded))
            {
                throw Unreadable("message");
            }

            messages.Add(MessageCodec.Decode(encoded, map.TryGet<Guid>("lock-token", out var lockToken) ? lockToken : Guid.Empty, peeked));
        }

        return messages;
    }

    private ServiceBusException Unreadable(string field) =>
        new(false, $"The management node answered with success but without a readable '{field}'.", entityPath);

    private async Task<AmqpMessage> SucceedAsync(string operation, AmqpMap body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var response = await RequestAsync(operation, body, timeout, cancellationToken).ConfigureAwait(false);
        return RequestFailure.ManagementStatus(response) == 200
            ? response
            : throw ErrorMapping.FromError(RequestFailure.ManagementError(response), entityPath);
    }

    private async Task<AmqpMessage> RequestAsync(string operation, AmqpMap body, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var transaction = await scope.Transactions.CurrentAsync(null, cancellationToken).ConfigureAwait(false);
        var link = await _link.GetAsync(cancellationToken).ConfigureAwait(false);
        return await link.RequestAsync(
            new AmqpMessage
            {
                ApplicationProperties = new AmqpMap
                {
                    { "operation", operation },
                    { "com.microsoft:server-timeout", (uint)timeout.TotalMilliseconds },
                    { "com.microsoft:tracking-id", Guid.NewGuid().ToString() },
                },
                BodyKind = BodyKind.Value,
                Value = body,
            },
            transaction, cancellationToken).ConfigureAwait(false);
    }
}
