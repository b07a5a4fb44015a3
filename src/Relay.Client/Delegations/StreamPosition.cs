using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Client.Delegations;

/// <summary>
/// How far a sender's stream has come; what the next envelope continues.
/// The sender keeps it durably: a position used twice is equivocation.
/// </summary>
/// <param name="Sequence">Sequence of the last envelope; 0 before the first.</param>
/// <param name="Digest">Its digest; null before the first.</param>
public readonly record struct StreamPosition(long Sequence, Digest? Digest)
{
    /// <summary>Before the first envelope.</summary>
    public static StreamPosition Start => default;

    /// <summary>The position after <paramref name="head"/>.</summary>
    public static StreamPosition After(EnvelopeHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return new StreamPosition(head.Id.Sequence, head.Digest);
    }
}
