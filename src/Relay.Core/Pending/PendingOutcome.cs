using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Quorum;

namespace Relay.Core.Pending;

/// <summary>What became of a copy below quorum: a ruling on it, or the envelope that it made whole.</summary>
internal sealed record PendingOutcome
{
    private PendingOutcome()
    {
    }

    /// <summary>Why it goes no further now; null when it is whole.</summary>
    public Ruling? Ruling { get; private init; }

    /// <summary>The envelope with a quorum's signatures; null when stopped.</summary>
    public Envelope? Whole { get; private init; }

    /// <summary>Of <see cref="Whole"/>.</summary>
    public QuorumResult? Quorum { get; private init; }

    public static PendingOutcome Stop(Ruling ruling) => new() { Ruling = ruling };

    public static PendingOutcome Complete(PendingMerge merge) => new() { Whole = merge.Envelope, Quorum = merge.Quorum };
}
