using Emulator.Amqp.Framing;
using Emulator.Amqp.Types;
using Emulator.ServiceBus.Entities;
using Emulator.ServiceBus.Journal;
using Emulator.ServiceBus.Messages;
using Emulator.ServiceBus.Transactions;

namespace Emulator.ServiceBus.Links;

/// <summary>The operations of one entity's <c>$management</c>. Each answers once, possibly later and on another thread.</summary>
/// <param name="node">The entity.</param>
/// <param name="journal">What must have stored a change before it is confirmed.</param>
/// <param name="time">When rules are made.</param>
/// <param name="transactions">Those of the connection.</param>
/// <param name="maxMessageBytes">Largest message of the namespace.</param>
internal sealed class ManagementNode(
    EntityNode node, IMessageJournal journal, TimeProvider time, ConnectionTransactions transactions, int maxMessageBytes)
{
    /// <summary>Bytes that a request or a reply may have beyond one message: what is around it, and others beside it.</summary>
    public const int Envelope = 1024 * 1024;

    private const string Prefix = "com.microsoft:";

    // Peek replies stop growing here; clients ask again from where it ended.
    private const long MaxPeekBytes = 512 * 1024;
    private const int MaxPeekMessages = 1000;
    private const int MaxDeleted = 4000;

    /// <param name="request">The request.</param>
    /// <param name="answer">Takes the encoded answer.</param>
    public void Handle(NodeRequest request, Action<byte[]> answer)
    {
        var operation = request.Operation.StartsWith(Prefix, StringComparison.Ordinal) ? request.Operation[Prefix.Length..] : "";
        switch (operation)
        {
            case "peek-message": Peek(request, answer); break;
            case "renew-lock": Renew(request, answer); break;
            case "schedule-message": Schedule(request, answer); break;
            case "cancel-scheduled-message": Cancel(request, answer); break;
            case "receive-by-sequence-number": ReceiveBySequenceNumber(request, answer); break;
            case "update-disposition": UpdateDisposition(request, answer); break;
            case "batch-delete-messages": Delete(request, answer); break;
            case "renew-session-lock" or "get-session-state" or "set-session-state" or "get-message-sessions" when node.Store?.Sessions is { } sessions:
                Session(operation, sessions, request, answer);
                break;
            case "add-rule" or "remove-rule" or "enumerate-rules" when node.Subscription is { } subscription:
                Rule(operation, subscription, request, answer);
                break;
            default:
                answer(ManagementReply.Fault(request, 501, new AmqpError(
                    AmqpCondition.NotImplemented, $"Operation '{request.Operation}' is not implemented on '{node.Path}'.")));
                break;
        }
    }

    private void Peek(NodeRequest request, Action<byte[]> answer)
    {
        var arguments = request.Arguments;
        if (!arguments.TryGetInteger("from-sequence-number", out var from)
            || !arguments.TryGetInteger("message-count", out var count) || count < 1)
        {
            Refuse(request, answer, "from-sequence-number as a long and message-count of 1 or more");
            return;
        }

        arguments.TryGet<string>("session-id", out var session);
        var messages = node.Peeked.Numbered.Peek(from, (int)Math.Min(count, MaxPeekMessages), MaxPeekBytes, session);
        if (messages.Count == 0)
        {
            answer(ManagementReply.NoContent(request));
            return;
        }

        var list = messages.ConvertAll(
            object? (message) => new AmqpMap { { "message", DeliveryEncoder.ToArray(message, withLock: false) } });
        answer(ManagementReply.Ok(request, new AmqpMap { { "messages", list } }));
    }

    private void Renew(NodeRequest request, Action<byte[]> answer)
    {
        if (node.Store is not { } store || !ManagementArguments.TryGuids(request.Arguments, "lock-tokens", out var tokens))
        {
            Refuse(request, answer, "lock-tokens as an array of uuid, on a queue or subscription");
            return;
        }

        var fault = store.Renew(tokens, out var until);
        if (fault != EntityFault.None)
        {
            answer(Fault(request, fault));
            return;
        }

        var expirations = new DateTime[tokens.Count];
        Array.Fill(expirations, until.UtcDateTime);
        answer(ManagementReply.Ok(request, new AmqpMap { { "expirations", expirations } }));
    }

    private void Schedule(NodeRequest request, Action<byte[]> answer)
    {
        if (node.SendTarget is not { } target
            || !ReadScheduled(request.Arguments, MessageLimits.MaxMessageBytes(target, maxMessageBytes), out var messages, out var refusal))
        {
            Refuse(request, answer, "messages as a list of maps with an encoded message each, on a queue or topic");
            return;
        }

        if (refusal is not null)
        {
            answer(ManagementReply.Fault(request, 400, refusal));
            return;
        }

        var numbers = new List<long>(messages.Length);
        if (request.TransactionId is not { } transaction)
        {
            Then(request, answer, target.Send(messages, numbers), Numbers);
            return;
        }

        // The client wants the numbers now. Those of a transaction that is rolled back are nobody's.
        var reserved = target.Waiting.ReserveNumbers(messages.Length, numbers);
        var error = reserved.Fault == EntityFault.None
            ? TransactionalAnswer.Error(transactions, transaction, new ScheduleWork(target, messages, numbers))
            : null;
        if (error is null) Then(request, answer, reserved, Numbers);
        else answer(ManagementReply.Fault(request, ServiceBusCondition.StatusCode(error), error));

        AmqpMap Numbers() => new() { { "sequence-numbers", numbers.ToArray() } };
    }

    private void Cancel(NodeRequest request, Action<byte[]> answer)
    {
        if (node.SendTarget is not { } target || !ManagementArguments.TryIntegers(request.Arguments, "sequence-numbers", out var numbers))
        {
            Refuse(request, answer, "sequence-numbers as an array of long, on a queue or topic");
            return;
        }

        if (request.TransactionId is { } transaction) Enlist(request, answer, transaction, new CancelWork(target.Waiting, numbers));
        else Then(request, answer, target.Waiting.Numbered.Cancel(numbers), () => null);
    }

    private void ReceiveBySequenceNumber(NodeRequest request, Action<byte[]> answer)
    {
        if (node.Store is not { } store || !ManagementArguments.TryIntegers(request.Arguments, "sequence-numbers", out var numbers))
        {
            Refuse(request, answer, "sequence-numbers as an array of long, on a queue or subscription");
            return;
        }

        var isPeekLock = !request.Arguments.TryGetInteger("receiver-settle-mode", out var mode) || mode != 0;
        request.Arguments.TryGet<string>("session-id", out var session);
        var messages = new List<MessageSnapshot>();
        var outcome = store.Numbered.ReceiveDeferred(
            numbers, isPeekLock ? ReceiveMode.PeekLock : ReceiveMode.ReceiveAndDelete, session, messages);
        Then(
            request,
            answer,
            outcome,
            () => new AmqpMap { { "messages", messages.ConvertAll(object? (message) => Deferred(message, isPeekLock)) } });
    }

    private void UpdateDisposition(NodeRequest request, Action<byte[]> answer)
    {
        var arguments = request.Arguments;
        arguments.TryGet<string>("disposition-status", out var status);
        arguments.TryGet<AmqpMap>("properties-to-modify", out var map);
        var properties = SettlementReader.Properties(map);
        SettlementKind? kind = status switch
        {
            "completed" => SettlementKind.Complete,
            "abandoned" => SettlementKind.Abandon,
            "defered" => SettlementKind.Defer,
            "suspended" => SettlementKind.DeadLetter,
            _ => null,
        };
        if (kind is null || node.Store is not { } store || !ManagementArguments.TryGuids(arguments, "lock-tokens", out var tokens))
        {
            Refuse(request, answer, "disposition-status completed, abandoned, defered or suspended, and lock-tokens as an array of uuid, on a queue or subscription");
            return;
        }

        if (arguments.TryGet<string>("deadletter-reason", out var reason)) properties.Add(new(DeadLetterReason.ReasonProperty, reason));
        if (arguments.TryGet<string>("deadletter-description", out var text))
        {
            properties.Add(new(DeadLetterReason.DescriptionProperty, text));
        }

        var settlement = new Settlement(kind.Value, properties);
        if (request.TransactionId is { } transaction) Enlist(request, answer, transaction, new SettleWork(store, tokens, settlement));
        else Then(request, answer, store.Settle(tokens, settlement), () => null);
    }

    /// <summary>Deletes what could be received, at most so many; the client asks again until nothing is left.</summary>
    private void Delete(NodeRequest request, Action<byte[]> answer)
    {
        var arguments = request.Arguments;
        if (node.Store is not { } store || !arguments.TryGetInteger("message-count", out var count) || count is < 1 or > MaxDeleted)
        {
            Refuse(request, answer, $"message-count of 1 to {MaxDeleted}, on a queue or subscription");
            return;
        }

        var before = arguments.TryGet<DateTime>("enqueued-time-utc", out var given)
            ? new DateTimeOffset(DateTime.SpecifyKind(given, DateTimeKind.Utc))
            : time.GetUtcNow();
        arguments.TryGet<string>("session-id", out var session);
        var outcome = store.Numbered.Delete((int)count, before, session, out var deleted);
        if (outcome.Fault == EntityFault.None && deleted == 0) answer(ManagementReply.NoContent(request));
        else Then(request, answer, outcome, () => new AmqpMap { { "message-count", deleted } });
    }

    private void Enlist(NodeRequest request, Action<byte[]> answer, ReadOnlyMemory<byte> transaction, ITransactionWork work)
    {
        var error = TransactionalAnswer.Error(transactions, transaction, work);
        answer(error is null ? ManagementReply.Ok(request) : ManagementReply.Fault(request, ServiceBusCondition.StatusCode(error), error));
    }

    private void Session(string operation, SessionDispatch sessions, NodeRequest request, Action<byte[]> answer)
    {
        if (operation == "set-session-state" && request.TransactionId is { } transaction
            && request.Arguments.TryGet<string>("session-id", out var id))
        {
            Enlist(request, answer, transaction, new SessionStateWork(node.Store!, id, SessionManagement.StateOf(request.Arguments)));
            return;
        }

        if (SessionManagement.Answer(operation, sessions, request, out var outcome) is { } reply)
        {
            Stored.Then(journal, outcome, node.Path, error => answer(error is null ? reply : ManagementReply.Fault(request, 500, error)));
        }
        else if (outcome.Fault != EntityFault.None) answer(Fault(request, outcome.Fault));
        else Refuse(request, answer, "session-id as a string");
    }

    private void Rule(string operation, SubscriptionEntity subscription, NodeRequest request, Action<byte[]> answer)
    {
        switch (operation)
        {
            case "add-rule":
                if (RuleManagement.TryReadRule(request.Arguments, time.GetUtcNow(), out var rule, out var error)) Then(request, answer, RuleManagement.Add(subscription, rule), () => null);
                else answer(ManagementReply.Fault(request, 400, new AmqpError(ServiceBusCondition.ArgumentError, $"The rule is not valid: {error}.")));
                break;
            case "remove-rule" when request.Arguments.TryGet<string>("rule-name", out var name):
                Then(request, answer, RuleManagement.Remove(subscription, name), () => null);
                break;
            case "remove-rule":
                Refuse(request, answer, "rule-name as a string");
                break;
            default:
                var rules = RuleManagement.List(subscription, request.Arguments);
                answer(rules is null ? ManagementReply.NoContent(request) : ManagementReply.Ok(request, rules));
                break;
        }
    }

    /// <returns>False when the arguments are not of that shape; true with a refusal when one of the messages is not taken.</returns>
    private static bool ReadScheduled(AmqpMap arguments, long maxBytes, out MessageContent[] messages, out AmqpError? refusal)
    {
        messages = [];
        refusal = null;
        if (!arguments.TryGet<List<object?>>("messages", out var list) || list.Count is 0 or > ManagementArguments.MaxItems) return false;
        var contents = new MessageContent[list.Count];
        for (var index = 0; index < contents.Length; index++)
        {
            if (list[index] is not AmqpMap map || !map.TryGet<ReadOnlyMemory<byte>>("message", out var encoded)) return false;
            refusal = MessageLimits.CheckSize(encoded.Length, maxBytes);
            if (refusal is not null || !MessageCodec.TryRead(encoded.Span, out var content, out refusal)) return true;
            contents[index] = content;
        }

        messages = contents;
        return true;
    }

    private static AmqpMap Deferred(MessageSnapshot message, bool isPeekLock)
    {
        var map = new AmqpMap { { "message", DeliveryEncoder.ToArray(message, isPeekLock) } };
        if (isPeekLock) map.Add("lock-token", message.LockToken);
        return map;
    }

    private void Then(NodeRequest request, Action<byte[]> answer, EntityOutcome outcome, Func<AmqpMap?> body)
    {
        if (outcome.Fault != EntityFault.None) answer(Fault(request, outcome.Fault));
        else Stored.Then(
            journal,
            outcome,
            node.Path,
            error => answer(error is null ? ManagementReply.Ok(request, body()) : ManagementReply.Fault(request, 500, error)));
    }

    private byte[] Fault(NodeRequest request, EntityFault fault) =>
        ManagementReply.Fault(request, ServiceBusCondition.StatusCode(fault), ServiceBusCondition.Of(fault, node.Path));

    private static void Refuse(NodeRequest request, Action<byte[]> answer, string expected) =>
        answer(ManagementReply.Fault(request, 400, new AmqpError(
            ServiceBusCondition.ArgumentError, $"Operation '{request.Operation}' expected {expected}, got something else.")));
}
