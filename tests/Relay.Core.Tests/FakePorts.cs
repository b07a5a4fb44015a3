using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Relay.Core.Directory;
using Relay.Core.Forwarding;
using Relay.Core.Settlement;
using Relay.Core.Verification;
using Relay.Protocol.Keys;

namespace Relay.Core.Tests;

/// <summary>A directory in memory; null stands for one that cannot be read.</summary>
internal sealed class FakeDirectorySource : IDirectoryDocumentSource
{
    public Func<string, string?, DirectoryRead> Answer { get; set; } = (_, _) => new(DirectoryReadStatus.NotFound, default, null);

    public int Reads { get; private set; }

    public static DirectoryRead Found(byte[] document, string version = "1") => new(DirectoryReadStatus.Found, document, version);

    public ValueTask<DirectoryRead> ReadAsync(string negotiation, string? knownVersion, CancellationToken cancellationToken)
    {
        Reads++;
        return new(Answer(negotiation, knownVersion));
    }

    /// <summary>What a listing names; null stands for one that cannot be made.</summary>
    public IReadOnlySet<string>? Listed { get; set; }

    public int Listings { get; private set; }

    /// <summary>Awaited before each listing is answered.</summary>
    public Func<Task> BeforeListing { get; set; } = () => Task.CompletedTask;

    public async ValueTask<IReadOnlySet<string>?> ListAsync(int max, CancellationToken cancellationToken)
    {
        Listings++;
        await BeforeListing();
        return Listed;
    }
}

/// <summary>Keys by their full id; a key not set is unknown.</summary>
internal sealed class FakeKeySource : IPublicKeySource
{
    public ConcurrentDictionary<string, KeyLookup> Keys { get; } = new(StringComparer.Ordinal);

    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Awaited before each answer.</summary>
    public Func<KeyIdentifier, CancellationToken, Task> BeforeAnswer { get; set; } = (_, _) => Task.CompletedTask;

    public async ValueTask<KeyLookup> FindAsync(KeyIdentifier key, CancellationToken cancellationToken)
    {
        Asked.Enqueue(key.Text);
        await BeforeAnswer(key, cancellationToken);
        return (Keys.TryGetValue(key.Text, out var lookup) ? lookup : KeyStatus.Unknown);
    }
}

/// <summary>Remembers what was forwarded; topics answer Accepted unless told otherwise.</summary>
internal sealed class FakeForwarder : IEnvelopeForwarder
{
    public ConcurrentQueue<OutboundEnvelope> Forwarded { get; } = new();

    public Dictionary<string, SendOutcome> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>Called once an envelope is forwarded.</summary>
    public Action? AfterForward { get; set; }

    public ValueTask<SendOutcome> ForwardAsync(OutboundEnvelope envelope, CancellationToken cancellationToken)
    {
        Forwarded.Enqueue(envelope);
        AfterForward?.Invoke();
        return new(Answers.GetValueOrDefault(envelope.Topic, SendOutcome.Accepted));
    }
}

/// <summary>Remembers what was put on queues; answers Accepted unless told otherwise.</summary>
internal sealed class RecordingQueue : IEnvelopeQueue
{
    public ConcurrentQueue<QueuedEnvelope> Put { get; } = new();

    public SendOutcome Answer { get; set; } = SendOutcome.Accepted;

    public ValueTask<SendOutcome> EnqueueAsync(QueuedEnvelope envelope, CancellationToken cancellationToken)
    {
        if (Answer == SendOutcome.Accepted) Put.Enqueue(envelope);
        return new(Answer);
    }
}

/// <summary>Makes meters that nobody shares.</summary>
internal sealed class FakeMeterFactory : IMeterFactory
{
    private readonly List<Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose() => _meters.ForEach(meter => meter.Dispose());
}
