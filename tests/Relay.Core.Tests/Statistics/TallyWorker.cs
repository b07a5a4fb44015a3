using Microsoft.Extensions.Logging.Abstractions;
using Relay.Core.Rulings;
using Relay.Core.Statistics;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Tests.Statistics;

/// <summary>What a worker counts, and where it keeps it.</summary>
internal sealed class TallyWorker
{
    public TallyWorker(TimeProvider time, TallyCalls calls, long maxKeptBytes = TallyStore.MaxKeptBytes)
    {
        Calls = calls;
        Own = new WorkerTallies(time);
        Store = new TallyStore(calls, Own, time, NullLogger<TallyStore>.Instance, maxKeptBytes);
    }

    public TallyCalls Calls { get; }

    public WorkerTallies Own { get; }

    public TallyStore Store { get; }

    public static Ruling RulingOf(string negotiation, Verdict verdict) =>
        new(verdict, "reason", "") { Id = new EnvelopeId(negotiation, "us", Lane.Normal, 1) };

    public void Forward(string negotiation, int milliseconds = 20) =>
        Own.Ruled(
            RulingOf(negotiation, Verdict.Forwarded) with { ContentLength = 100 * milliseconds },
            Lane.Normal,
            TimeSpan.FromMilliseconds(milliseconds));
}
