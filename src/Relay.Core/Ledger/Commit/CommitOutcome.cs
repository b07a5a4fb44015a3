using Relay.Core.Ledger.Rules;
using Relay.Core.Rulings;

namespace Relay.Core.Ledger.Commit;

/// <summary>What became of an envelope at the commit. Immutable.</summary>
public sealed record CommitOutcome
{
    /// <summary>Ledger index when logged or a duplicate; -1 when stopped.</summary>
    public long Index { get; init; } = -1;

    /// <summary>The receipt (tlog-proof text, UTF-8) when logged or a duplicate; empty when stopped.</summary>
    public ReadOnlyMemory<byte> Receipt { get; init; }

    /// <summary>
    /// True when it is to be forwarded, and then to be marked by
    /// <see cref="NegotiationLedgers.MarkForwarded"/>: logged, or a duplicate not known to be forwarded.
    /// </summary>
    public bool Forward { get; init; }

    /// <summary>Why it was stopped, or that it is a duplicate; null when logged.</summary>
    public Ruling? Ruling { get; init; }

    /// <summary>True when it is a new entry, durable.</summary>
    public bool IsLogged => Ruling is null;

    /// <summary>True when it is an entry, by this commit or an earlier one.</summary>
    public bool IsEntry => Index >= 0;

    internal static CommitOutcome Stopped(Ruling ruling, Candidate candidate) => new() { Ruling = ruling.About(candidate.Head) };
}
