using Relay.Core.Settlement;

namespace Relay.Functions.Tests;

/// <summary>Remembers what was put on a queue, or cannot take it.</summary>
internal sealed class FakeQueue(List<string> acts) : IEnvelopeQueue
{
    public EnqueueStatus Answer { get; set; } = EnqueueStatus.Accepted;

    public QueuedEnvelope? Last { get; private set; }

    public ValueTask<EnqueueStatus> EnqueueAsync(QueuedEnvelope envelope, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        acts.Add("enqueue");
        Last = envelope;
        return new(Answer);
    }
}
