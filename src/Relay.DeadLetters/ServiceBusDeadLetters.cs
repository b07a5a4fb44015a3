using Azure.Messaging.ServiceBus;
using Relay.Azure.Bus;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.DeadLetters;

/// <summary>The dead-letter queues of a Service Bus namespace.</summary>
/// <param name="client">Needs the rights to listen and to send on both queues. Not owned.</param>
/// <param name="time">Clock of the time to live.</param>
internal sealed class ServiceBusDeadLetters(ServiceBusClient client, TimeProvider time) : IDeadLetterBus, IAsyncDisposable
{
    // What is there comes at once; an answer that takes longer says that nothing is free.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly ServiceBusReceiverOptions DeadLetters = new() { SubQueue = SubQueue.DeadLetter };

    private readonly Dictionary<Lane, ServiceBusReceiver> _receivers = OfEachLane(queue => client.CreateReceiver(queue, DeadLetters));
    private readonly Dictionary<Lane, ServiceBusSender> _senders = OfEachLane(client.CreateSender);

    public async ValueTask<IReadOnlyList<DeadLetterMessage>> PeekAsync(
        Lane queue, long from, int most, CancellationToken cancellationToken) =>
        [.. (await _receivers[queue].PeekMessagesAsync(most, from, cancellationToken)).Select(message => Read(queue, message, null))];

    public async ValueTask SendAsync(Lane queue, IReadOnlyList<RedriveCopy> copies, CancellationToken cancellationToken) =>
        // One transfer, which the bus takes whole or not at all.
        await _senders[queue].SendMessagesAsync(copies.Select(copy => CreateMessage(copy, time.GetUtcNow())), cancellationToken);

    public async ValueTask<IReadOnlyList<DeadLetterMessage>> TakeAsync(Lane queue, int most, CancellationToken cancellationToken) =>
        [
            .. (await _receivers[queue].ReceiveMessagesAsync(most, Patience, cancellationToken))
                .Select(message => Read(queue, message, message)),
        ];

    public async ValueTask<bool> TryCompleteAsync(DeadLetterMessage taken, CancellationToken cancellationToken)
    {
        try
        {
            await _receivers[taken.Letter.Key.Queue].CompleteMessageAsync(LockOf(taken), cancellationToken);
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
            await _receivers[taken.Letter.Key.Queue].AbandonMessageAsync(LockOf(taken), null, cancellationToken);
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
    /// The envelope as it was. Nothing of the dead letter goes with it: neither why it became one, nor how often it had been tried.
    /// </summary>
    internal static ServiceBusMessage CreateMessage(RedriveCopy copy, DateTimeOffset now)
    {
        var message = new ServiceBusMessage(copy.Body) { ContentType = Envelope.MediaType };
        if (copy.ExpiresAt is { } end && end > now) message.TimeToLive = end - now;
        message.ApplicationProperties[RedriveMarker.Property] = copy.Marker.ToString();
        return message;
    }

    private static Dictionary<Lane, T> OfEachLane<T>(Func<string, T> open) =>
        Enum.GetValues<Lane>().ToDictionary(lane => lane, lane => open(BusEntities.QueueOf(lane)));

    private static ServiceBusReceivedMessage LockOf(DeadLetterMessage taken) =>
        taken.Lock as ServiceBusReceivedMessage ?? throw new ArgumentException("Expected a dead letter that was taken.", nameof(taken));

    private static DeadLetterMessage Read(Lane queue, ServiceBusReceivedMessage message, object? taken)
    {
        var body = BodyOf(message);
        var isEnvelope = Envelope.TryParse(body, EnvelopeLimits.Default, out var envelope, out _, out _);
        var letter = new DeadLetter(
            new DeadLetterKey(queue, message.SequenceNumber, message.EnqueuedTime.ToUnixTimeMilliseconds()),
            message.DeadLetterReason ?? "",
            message.DeadLetterErrorDescription ?? "",
            isEnvelope ? envelope!.Id : null,
            isEnvelope ? envelope!.Head.ExpiresAt : null,
            body.Length,
            Digest.Of(body.Span),
            RedriveMarker.Read(message.ApplicationProperties.GetValueOrDefault(RedriveMarker.Property)));
        return new DeadLetterMessage(letter, body, taken);
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
