using Relay.Protocol.Envelopes;

namespace Relay.Core.Rulings;

/// <summary>A verdict on one envelope, with what a person or a program needs to act on it. Immutable.</summary>
/// <param name="Verdict">What was decided.</param>
/// <param name="Reason">Stable code, lower-case words joined by hyphens, see
/// <see cref="ReasonCodes"/>; dead-letter reason and URN of a problem.</param>
/// <param name="Description">One sentence: what was expected and what came. Text of the peer in it is quoted and bounded.</param>
public sealed record Ruling(Verdict Verdict, string Reason, string Description)
{
    /// <summary>The envelope's id; null while the head could not be read.</summary>
    public EnvelopeId? Id { get; init; }

    /// <summary>The envelope's <c>exp</c>; null while the head could not be read. Claimed by the sender, not yet proved.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When an embargoed envelope, or one past its rate, may go on; null for every other verdict.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Of a forwarded envelope the bytes of its content, as sealed; null for every other verdict.</summary>
    public int? ContentLength { get; init; }

    /// <summary>
    /// Of a transient verdict on what is only early: within how long it is worth to
    /// come again; null where something failed, and the number of attempts tells.
    /// </summary>
    public TimeSpan? RetryWithin { get; init; }

    /// <summary>With <see cref="RetryWithin"/>: before when it need not come again, because it is kept meanwhile; else zero.</summary>
    public TimeSpan RetryFrom { get; init; }

    /// <summary>
    /// Of what waits for those before it in its stream: the sequence that is next, from which its sender goes on; null for every other.
    /// </summary>
    public long? Next { get; init; }

    /// <summary>With <see cref="Next"/>, of what is too far ahead to be held: how far beyond that one may be; else null.</summary>
    public long? Reach { get; init; }

    /// <summary>The same, with what of the envelope the settlement needs.</summary>
    public Ruling About(EnvelopeHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return this with { Id = head.Id, ExpiresAt = head.ExpiresAt };
    }
}
