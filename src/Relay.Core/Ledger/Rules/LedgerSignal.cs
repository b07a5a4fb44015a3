using Relay.Protocol.Envelopes;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Ledger.Rules;

/// <summary>Something that happened in a ledger and that somebody may want to know at once; metadata only.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Id">The envelope it happened to; null where it happened to the negotiation.</param>
/// <param name="Index">Index of the evidence entry; null when there is none.</param>
/// <param name="At">When.</param>
public sealed record LedgerSignal(LedgerSignalKind Kind, EnvelopeId? Id, long? Index, DateTimeOffset At)
{
    private readonly string? _negotiation;

    /// <summary>The negotiation; the envelope's where there is one.</summary>
    public string Negotiation
    {
        get => _negotiation ?? Id?.Negotiation ?? "";
        init => _negotiation = value;
    }

    /// <summary>The mode that is in force now; null for other kinds.</summary>
    public NegotiationMode? Mode { get; init; }

    /// <summary>The envelope's id, or the negotiation's name.</summary>
    public string About => Id?.ToString() ?? Negotiation;

    /// <summary>Of <see cref="LedgerSignalKind.Throttled"/>: when the envelope goes on; null for every other.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>Kinds of <see cref="LedgerSignal"/>; closed.</summary>
public enum LedgerSignalKind
{
    /// <summary>Two envelopes under one id.</summary>
    Equivocation,

    /// <summary>An envelope that does not continue its stream.</summary>
    BrokenChain,

    /// <summary>An envelope whose sender was shown another tree.</summary>
    ForkSeen,

    /// <summary>A held envelope whose gap was not filled in time.</summary>
    HeldExpired,

    /// <summary>A stream is held back, because its sender or the negotiation is past its rate; with when its first goes on.</summary>
    Throttled,

    /// <summary>A stream that was held back is no longer: whatever was told to come later has come.</summary>
    ThrottleEnded,

    /// <summary>An operator has put another mode in force.</summary>
    ModeChanged,
}
