using System.Collections.Concurrent;
using Relay.Core.Ledger.Commit;
using Relay.Core.Ledger.Rules;

namespace Relay.Core.Tests.Ledger.Commit;

/// <summary>Remembers what was released; answers as told.</summary>
internal sealed class RecordingReleases : IReleaseForwarding
{
    public ConcurrentQueue<(long Index, Candidate Envelope, ReadOnlyMemory<byte> Receipt)> Forwarded { get; } = new();

    public Func<long, string?> Answer { get; set; } = _ => null;

    public ValueTask<string?> ForwardAsync(Candidate envelope, long index, ReadOnlyMemory<byte> receipt, CancellationToken cancellationToken)
    {
        var answer = Answer(index);
        if (answer is null) Forwarded.Enqueue((index, envelope, receipt));
        return new(answer);
    }
}
