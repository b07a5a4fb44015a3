namespace Relay.Core.Ledger.State;

/// <summary>
/// Bounds of a ledger's mutable state. With names and numbers of full length a head of these many parts still fits a signed note (128 KiB).
/// </summary>
public static class LedgerLimits
{
    /// <summary>Most envelopes of one stream that wait for a gap: 256.</summary>
    public const int HeldPerStream = 256;

    /// <summary>Most held envelopes of a negotiation, those released but not yet forwarded counted in: 512.</summary>
    public const int Held = 512;

    /// <summary>
    /// How far beyond the next sequence of a stream an envelope may be to be held: the
    /// stream's even share of <see cref="Held"/> among two lanes of each delegation, at most
    /// <see cref="HeldPerStream"/>. So no sender takes the others' room, and what is
    /// held is what comes next: room that far ones took would be of no use for long.
    /// </summary>
    /// <param name="delegations">Delegations of the negotiation, 1 or more.</param>
    public static int ReachOf(int delegations) => Math.Clamp(Held / (2 * delegations), 1, HeldPerStream);

    /// <summary>
    /// Most runs of entries not yet known to be forwarded: 440, what a head at all its other limits has room for. Entries that were held
    /// before are not among them: they have the room that they had then.
    /// </summary>
    public const int Outstanding = 440;

    /// <summary>Most entries not yet known to be forwarded: 65,536.</summary>
    public const int OutstandingEntries = 65_536;

    /// <summary>Most streams of a negotiation over its life: 130, two lanes of 65 delegations.</summary>
    public const int Streams = 130;

    /// <summary>Most delegations of a negotiation that publish prekeys over its life: 65.</summary>
    public const int Prekeys = 65;

    /// <summary>With this much behind its head a ledger commits nothing more before that is published: 8 MiB.</summary>
    public const int MaxStagedBytes = 8 * 1_024 * 1_024;
}
