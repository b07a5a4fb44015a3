using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Commit;

/// <summary>What became of an envelope at the commit. Immutable.</summary>
public sealed record CommitOutcome
{
    /// <summary>What.</summary>
    public required CommitStatus Status { get; init; }

    /// <summary>Ledger index when logged or a duplicate; -1 when stopped.</summary>
    public long Index { get; init; } = -1;

    /// <summary>The receipt (tlog-proof text, UTF-8) when logged or a duplicate; empty when stopped.</summary>
    public ReadOnlyMemory<byte> Receipt { get; init; }

    /// <summary>True when it is to be forwarded, and then to be marked by <see cref="NegotiationLedgers.ForwardedAsync"/>: logged, or a duplicate not known to be forwarded.</summary>
    public bool Forward { get; init; }

    /// <summary>Why it was stopped, or that it is a duplicate; null when logged.</summary>
    public Ruling? Ruling { get; init; }
}

/// <summary>Kinds of <see cref="CommitOutcome"/>; closed.</summary>
public enum CommitStatus
{
    /// <summary>It is a new entry, durable.</summary>
    Logged,

    /// <summary>It was an entry before.</summary>
    Duplicate,

    /// <summary>It is none; the ruling says why.</summary>
    Stopped,
}
