using System.Collections.Concurrent;
using System.Text;
using Azure.Messaging.ServiceBus;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.DeadLetters;

/// <summary>The dead-letter queues of a Service Bus namespace.</summary>
/// <param name="client">Needs the rights to listen on the sources and to send to their queues and topics. Not owned.</param>
/// <param name="time">Clock of the time to live.</param>
internal sealed class ServiceBusDeadLetters(ServiceBusClient client, TimeProvider time) : IDeadLetterBus, IAsyncDisposable
{
    // What is there comes at once; an answer that takes longer says that nothing is free.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly ServiceBusReceiverOptions DeadLetters = new() { SubQueue = SubQueue.DeadLetter };

    // Links, made when first used: as many as there are sources that exist.
    private readonly ConcurrentDictionary<DeadLetterSource, ServiceBusReceiver> _receivers = [];
    private readonly ConcurrentDictionary<string, ServiceBusSender> _senders = [];

    public async ValueTask<IReadOnlyList<DeadLetterMessage>> PeekAsync(
        DeadLetterSource source, long from, int most, CancellationToken cancellationToken)
    {
        try
        {
            return
            [
                .. (await ReceiverOf(source).PeekMessagesAsync(most, from, cancellationToken))
                    .Select(message => Read(source, message, null)),
            ];
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessagingEntityNotFound)
        {
            // Names that somebody makes up are not kept.
            if (_receivers.TryRemove(source, out var receiver)) await receiver.DisposeAsync();
            // The client's own exception names no entity.
            throw new ServiceBusException(e.Message, e.Reason, source.ToString(), e);
        }
    }

    public async ValueTask SendAsync(DeadLetterSource source, IReadOnlyList<RedriveCopy> copies, CancellationToken cancellationToken) =>
        // One transfer, which the bus takes whole or not at all.
        await _senders.GetOrAdd(source.Entity, client.CreateSender)
            .SendMessagesAsync(copies.Select(copy => CreateMessage(copy, time.GetUtcNow())), cancellationToken);

    public async ValueTask<IReadOnlyList<DeadLetterMessage>> TakeAsync(
        DeadLetterSource source, int most, CancellationToken cancellationToken) =>
        [
            .. (await ReceiverOf(source).ReceiveMessagesAsync(most, Patience, cancellationToken))
                .Select(message => Read(source, message, message)),
        ];

    public async ValueTask<bool> TryCompleteAsync(DeadLetterMessage taken, CancellationToken cancellationToken)
    {
        try
        {
            await ReceiverOf(taken.Letter.Key.Source).CompleteMessageAsync(LockOf(taken), cancellationToken);
            return true;
        }
        catch (ServiceBusException e) when (e.Reason is ServiceBusFailureReason.MessageLockLost or ServiceBusFailureReason.MessageNotFound)
        {
            return false;
        }
    }

    public async ValueTask ReleaseAsync(DeadLetterMessage taken, CancellationToken cancellationToken)
    {
        try
        {
            await ReceiverOf(taken.Letter.Key.Source).AbandonMessageAsync(LockOf(taken), null, cancellationToken);
        }
        catch (ServiceBusException)
        {
            // Its lock ends by itself.
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var receiver in _receivers.Values) await receiver.DisposeAsync();
        foreach (var sender in _senders.Values) await sender.DisposeAsync();
    }

    /// <summary>
    /// The envelope as it was, to a topic with what the relay forwarded it with. Nothing of the dead letter goes with it: neither why it
    /// became one, nor how often it had been tried.
    /// </summary>
    internal static ServiceBusMessage CreateMessage(RedriveCopy copy, DateTimeOffset now)
    {
        var message = new ServiceBusMessage(copy.Body) { ContentType = Envelope.MediaType };
        if (copy.ExpiresAt is { } end && end > now) message.TimeToLive = end - now;
        message.ApplicationProperties[RedriveMarker.Property] = copy.Marker.ToString();
        if (copy.Label is not { } label) return message;
        // A topic that knows the first message's id would take no second one silently. Of the dead letter alone, so that a batch of which
        // a run that died left open whether it was sent is known to the topic, as far as its memory goes.
        message.MessageId = Digest.Of(Encoding.UTF8.GetBytes($"{copy.Marker.Origin} {Digest.Of(copy.Body.Span)}")).ToString();
        message.SessionId = label.Session;
        foreach (var (name, value) in label.Properties) message.ApplicationProperties[name] = value;
        return message;
    }

    private ServiceBusReceiver ReceiverOf(DeadLetterSource source) => _receivers.GetOrAdd(source, Open, client);

    private static ServiceBusReceiver Open(DeadLetterSource source, ServiceBusClient client) => source.Subscription is { } subscription
        ? client.CreateReceiver(source.Entity, subscription, DeadLetters)
        : client.CreateReceiver(source.Entity, DeadLetters);

    private static ServiceBusReceivedMessage LockOf(DeadLetterMessage taken) =>
        taken.Lock as ServiceBusReceivedMessage ?? throw new ArgumentException("Expected a dead letter that was taken.", nameof(taken));

    private static DeadLetterMessage Read(DeadLetterSource source, ServiceBusReceivedMessage message, object? taken)
    {
        var label = source.Subscription is null ? null : ForwardedLabel.Of(message.SessionId, message.ApplicationProperties);
        var body = BodyOf(message);
        var isEnvelope = Envelope.TryParse(body, EnvelopeLimits.Default, out var envelope, out _, out _);
        var letter = new DeadLetter(
            new DeadLetterKey(source, message.SequenceNumber, message.EnqueuedTime.ToUnixTimeMilliseconds()),
            message.DeadLetterReason ?? "",
            message.DeadLetterErrorDescription ?? "",
            isEnvelope ? envelope!.Id : null,
            isEnvelope ? envelope!.Head.ExpiresAt : null,
            body.Length,
            Digest.Of(body.Span),
            RedriveMarker.Read(message.ApplicationProperties.GetValueOrDefault(RedriveMarker.Property)),
            label?.Size ?? 0);
        return new DeadLetterMessage(letter, body, label, taken);
    }

    // A body that is an AMQP value or sequence is no envelope, and cannot be put back as it was.
    private static ReadOnlyMemory<byte> BodyOf(ServiceBusReceivedMessage message)
    {
        try
        {
            return message.Body.ToMemory();
        }
        catch (NotSupportedException)
        {
            return default;
        }
    }
}
