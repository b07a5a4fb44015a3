namespace Relay.Testing.Ledger;

/// <summary>What a race came to.</summary>
/// <param name="Rounds">Rounds raced.</param>
/// <param name="Collided">Rounds in which a worker lost a swap of the head.</param>
/// <param name="LostSwaps">Swaps lost in all.</param>
/// <param name="Ledgers">Ledgers that were filled, one after another.</param>
/// <param name="Envelopes">Envelopes logged.</param>
/// <param name="Evidence">Evidence entries.</param>
/// <param name="Held">Outcomes of an envelope that had come before the one it follows.</param>
/// <param name="Entries">Entries in all.</param>
public sealed record RaceTally(
    int Rounds, int Collided, long LostSwaps, int Ledgers, long Envelopes, long Evidence, long Held, long Entries)
{
    /// <summary>One that adds nothing.</summary>
    public static RaceTally None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>The sum of two.</summary>
    public static RaceTally operator +(RaceTally left, RaceTally right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new(
            left.Rounds + right.Rounds, left.Collided + right.Collided, left.LostSwaps + right.LostSwaps, left.Ledgers + right.Ledgers,
            left.Envelopes + right.Envelopes, left.Evidence + right.Evidence, left.Held + right.Held, left.Entries + right.Entries);
    }
}
