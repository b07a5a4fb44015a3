using System.Collections.Concurrent;
using Relay.Core.Forwarding;
using Relay.Core.Ledger.Commit;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>Remembers what was released; answers as told.</summary>
internal sealed class RecordingReleases : IReleaseForwarding
{
    public ConcurrentQueue<(long Index, LoggedEnvelope Envelope, ReadOnlyMemory<byte> Receipt)> Forwarded { get; } = new();

    public Func<long, string?> Answer { get; set; } = _ => null;

    public ValueTask<string?> ForwardAsync(LoggedEnvelope envelope, CancellationToken cancellationToken)
    {
        var answer = Answer(envelope.Index);
        if (answer is null) Forwarded.Enqueue((envelope.Index, envelope, envelope.Receipt));
        return new(answer);
    }
}
