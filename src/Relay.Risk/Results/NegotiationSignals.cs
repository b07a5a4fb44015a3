using System.Collections.Immutable;
using Relay.Protocol.Negotiations;

namespace Relay.Risk.Results;

/// <summary>
/// The risk signals of a negotiation over a window. The README of the project has the formula, source, unit and range of each; what is
/// null is not to be told from so few events.
/// </summary>
public sealed record NegotiationSignals
{
    /// <summary>Name of the negotiation.</summary>
    public required string Negotiation { get; init; }

    /// <summary>What it was computed from.</summary>
    public required LedgerStretch Ledger { get; init; }

    /// <summary>Beginning of the window; later than asked for where the entries that were read do not go back as far.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>End of the window.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>False where the window begins before the first entry that was read, and that is not the ledger's first.</summary>
    public required bool IsWhole { get; init; }

    /// <summary>The mode by the newest entry that says one; null when none does, and the document's counts.</summary>
    public required NegotiationMode? Mode { get; init; }

    /// <summary>Each delegation that has sent anything, by name.</summary>
    public required ImmutableArray<SenderSignals> Senders { get; init; }

    /// <summary>Each sender with each of its addressees, by name.</summary>
    public required ImmutableArray<DirectionSignals> Directions { get; init; }

    /// <summary>What addressees said, by name.</summary>
    public required ImmutableArray<AnswerSignals> Answers { get; init; }

    /// <summary>How far the mediators agree.</summary>
    public required AgreementSignals Agreement { get; init; }

    /// <summary>Contradictions of the window.</summary>
    public required EvidenceSignals Evidence { get; init; }

    /// <summary>Changes of pace that were noticed within the window, oldest first.</summary>
    public required ImmutableArray<PaceAlarm> Alarms { get; init; }

    /// <summary>What an alarm means.</summary>
    public required AlarmRule AlarmRule { get; init; }
}
