using Relay.Protocol.Envelopes;

namespace Relay.Core.Ledger.Rules;

/// <summary>Something that happened in a ledger and that somebody may want to know at once; metadata only.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Id">The envelope it happened to.</param>
/// <param name="Index">Index of the evidence entry; null when there is none.</param>
/// <param name="At">When.</param>
public sealed record LedgerSignal(LedgerSignalKind Kind, EnvelopeId Id, long? Index, DateTimeOffset At)
{
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
}
