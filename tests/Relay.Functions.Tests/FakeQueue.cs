using Relay.Core.Forwarding;
using Relay.Core.Settlement;

namespace Relay.Functions.Tests;

/// <summary>Remembers what was put on a queue, or cannot take it.</summary>
internal sealed class FakeQueue(Acts acts) : IEnvelopeQueue
{
    public SendOutcome Answer { get; set; } = SendOutcome.Accepted;

    public QueuedEnvelope? Last { get; private set; }

    public ValueTask<SendOutcome> EnqueueAsync(QueuedEnvelope envelope, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        acts.Add("enqueue");
        Last = envelope;
        return new(Answer);
    }
}
