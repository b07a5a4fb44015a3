using System.Collections.Concurrent;
using Relay.Core.Forwarding;
using Relay.Protocol.Text;

namespace Relay.Benchmarks.Shapes;

/// <summary>A queue and topics in this process: copies come when due, behind what waits by then. Safe for concurrent use.</summary>
internal sealed class ShapeBus(TimeProvider time) : IEnvelopeForwarder
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);

    // Guards the three fields below. No await inside.
    private readonly Lock _gate = new();
    private readonly Queue<ShapeMessage> _ready = new();
    private readonly PriorityQueue<ShapeMessage, (DateTimeOffset Due, long Number)> _scheduled = new();
    private readonly Dictionary<Digest, long> _takenAt = [];
    private readonly ConcurrentDictionary<Digest, long> _forwardedAt = new();
    private long _number;
    private long _received;
    private long _batches;
    private long _completed;
    private long _copies;
    private long _deadLettered;
    private long _sent;
    private long _again;

    public BusCounts Counts => new(
        Interlocked.Read(ref _received),
        Interlocked.Read(ref _batches),
        Interlocked.Read(ref _completed),
        Interlocked.Read(ref _copies),
        Interlocked.Read(ref _deadLettered),
        Interlocked.Read(ref _sent));

    /// <summary>Envelopes forwarded, each with the timestamp of the first time.</summary>
    public IReadOnlyDictionary<Digest, long> Forwarded => _forwardedAt;

    /// <summary>The timestamp at which an envelope was first taken.</summary>
    public long TakenAt(Digest envelope)
    {
        lock (_gate)
        {
            return _takenAt[envelope];
        }
    }

    public int Done => _forwardedAt.Count;

    public int Again => (int)Interlocked.Read(ref _again);

    /// <summary>Puts a message on the queue.</summary>
    public void Add(ShapeMessage message)
    {
        lock (_gate)
        {
            if (message.DueAt is { } due && due > time.GetUtcNow()) _scheduled.Enqueue(message, (due, _number++));
            else _ready.Enqueue(message);
        }
    }

    /// <summary>Takes what is there, at least one message.</summary>
    public async Task<List<ShapeMessage>> TakeAsync(int most, CancellationToken cancellationToken)
    {
        while (true)
        {
            var taken = Take(most);
            if (taken.Count > 0) return taken;
            await Task.Delay(Look, time, cancellationToken);
        }
    }

    public void Completed() => Interlocked.Increment(ref _completed);

    public void DeadLettered() => Interlocked.Increment(ref _deadLettered);

    /// <summary>Puts a copy of a message on the queue, for later.</summary>
    public void Copy(ShapeMessage message)
    {
        Interlocked.Increment(ref _copies);
        Add(message);
    }

    public ValueTask<SendOutcome> ForwardAsync(OutboundEnvelope envelope, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _sent);
        if (!_forwardedAt.TryAdd(envelope.Digest, time.GetTimestamp())) Interlocked.Increment(ref _again);
        return new(SendOutcome.Accepted);
    }

    private List<ShapeMessage> Take(int most)
    {
        var taken = new List<ShapeMessage>();
        lock (_gate)
        {
            var now = time.GetUtcNow();
            while (_scheduled.TryPeek(out var message, out var due) && due.Due <= now)
            {
                _scheduled.Dequeue();
                _ready.Enqueue(message);
            }

            var at = time.GetTimestamp();
            while (taken.Count < most && _ready.TryDequeue(out var message))
            {
                taken.Add(message);
                _takenAt.TryAdd(message.Digest, at);
            }
        }

        if (taken.Count > 0) Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _received, taken.Count);
        return taken;
    }
}

/// <summary>A message on the queue.</summary>
/// <param name="Body">The envelope.</param>
/// <param name="Digest">Its digest, by which topics know it.</param>
internal sealed record ShapeMessage(ReadOnlyMemory<byte> Body, Digest Digest)
{
    /// <summary>When it comes; null for at once.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public int Attempt { get; init; }
}
