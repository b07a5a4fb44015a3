using Azure.Messaging.ServiceBus;
using Relay.Protocol.Envelopes;

namespace Relay.Client.Mediators;

/// <summary>Puts signed envelopes on the relay's queue of their lane. Safe for concurrent use; owns its senders, not the client.</summary>
public sealed class EnvelopeSubmitter : IEnvelopeSubmitter, IAsyncDisposable
{
    private readonly ServiceBusSender _normal;
    private readonly ServiceBusSender _urgent;
    private readonly TimeProvider _time;

    /// <summary>Sends through <paramref name="client"/>, which needs the right to send on both queues.</summary>
    public EnvelopeSubmitter(ServiceBusClient client, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(time);
        _normal = client.CreateSender(RelayEntities.QueueOf(Lane.Normal));
        _urgent = client.CreateSender(RelayEntities.QueueOf(Lane.Urgent));
        _time = time;
    }

    /// <summary>
    /// Sends one envelope; when it returns, the queue has it durably. Sending again after a failure is safe: the relay drops duplicates.
    /// </summary>
    /// <exception cref="ArgumentException">The envelope has expired.</exception>
    /// <exception cref="ServiceBusException">The queue did not take it.</exception>
    /// <returns>Without a place to ask at: a queue has none.</returns>
    public async Task<Submission> SubmitAsync(Envelope envelope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        using var activity = ClientTelemetry.StartSubmission();
        var message = CreateMessage(envelope, _time.GetUtcNow());
        await SenderOf(envelope.Id.Lane).SendMessageAsync(message, cancellationToken).ConfigureAwait(false);
        return new Submission(envelope.Id.ToString(), "queued", null);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _normal.DisposeAsync().ConfigureAwait(false);
        await _urgent.DisposeAsync().ConfigureAwait(false);
    }

    internal static ServiceBusMessage CreateMessage(Envelope envelope, DateTimeOffset now)
    {
        var left = envelope.Head.ExpiresAt - now;
        if (left <= TimeSpan.Zero)
        {
            throw new ArgumentException(
                $"Expected an envelope that has not expired, {envelope.Id} did at {envelope.Head.ExpiresAt:u}.", nameof(envelope));
        }
        var message = new ServiceBusMessage(envelope.Wire)
        {
            MessageId = envelope.Digest.ToString(),
            ContentType = Envelope.MediaType,
            TimeToLive = left,
        };
        TraceParent.Write(message.ApplicationProperties, TraceParent.Current(null));
        return message;
    }

    private ServiceBusSender SenderOf(Lane lane) => lane switch
    {
        Lane.Normal => _normal,
        Lane.Urgent => _urgent,
    };
}
