using Relay.Core.Forwarding;

namespace Relay.Core.Settlement;

/// <summary>Port: the queues that envelopes are taken from, for putting envelopes on.</summary>
public interface IEnvelopeQueue
{
    /// <summary>Puts an envelope on a queue; when it returns Accepted the bus has it durably.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; whether the bus has the message is not known.</exception>
    ValueTask<SendOutcome> EnqueueAsync(QueuedEnvelope envelope, CancellationToken cancellationToken);
}
