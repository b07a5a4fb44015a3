using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// An entry about a delegation's prekeys: what a delegation has signed, which proves itself under the document that the entry names, and
/// the entry about the same prekeys that it goes on from.
/// </summary>
public abstract class PrekeyChainEntry : LedgerEntry
{
    private protected PrekeyChainEntry()
    {
    }

    /// <summary>Digest of the document in force, whose identity keys it was judged by.</summary>
    public required Digest Policy { get; init; }

    /// <summary>
    /// Index of the newest entry before this about the same prekeys that is a link, see <see cref="IsLink"/>; 0 for a delegation's first
    /// bundle, before which there is none.
    /// </summary>
    public required long Previous { get; init; }

    /// <inheritdoc/>
    public override Digest? JudgedBy => Policy;

    /// <summary>Whose prekeys it is about.</summary>
    public abstract string Delegation { get; }

    /// <summary>Id of the identity key that is said to have signed.</summary>
    public abstract string KeyId { get; }

    /// <summary>
    /// True for what the next entry about the same prekeys goes on from: a bundle, or a claim that was given one of its one-time keys. A
    /// claim that was given the session key alone hangs beside the chain.
    /// </summary>
    public abstract bool IsLink { get; }

    /// <summary>Where the bundle stands after this entry.</summary>
    internal abstract PrekeyStanding Standing { get; }

    /// <summary>Holds what was signed against the negotiation's document.</summary>
    /// <param name="document">The document that the entry names.</param>
    /// <param name="detail">What was expected and what came; empty when there is no fault.</param>
    public abstract PrekeyFault Verify(NegotiationDocument document, out string detail);
}

/// <summary>Where a bundle of prekeys stands after an entry.</summary>
/// <param name="Number">The bundle's.</param>
/// <param name="Bundle">Its digest.</param>
/// <param name="Next">Id of the next one-time key; of a bundle without any it says nothing.</param>
/// <param name="Left">One-time keys left.</param>
internal readonly record struct PrekeyStanding(long Number, Digest Bundle, long Next, int Left);
