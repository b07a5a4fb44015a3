namespace Relay.DeadLetters;

/// <summary>What a redrive is going to do.</summary>
/// <param name="Ordered">To be put back, in this order.</param>
/// <param name="Sent">Put back by an earlier run: to be taken away only.</param>
/// <param name="PerhapsTwice">Of the ordered ones, those that an earlier run may have put back.</param>
/// <param name="Hopeless">Left where they are: expired, so that the relay would refuse them at once, or without a body to put back.</param>
internal sealed record RedrivePlan(
    IReadOnlyList<DeadLetter> Ordered, IReadOnlyList<DeadLetter> Sent, IReadOnlySet<DeadLetterKey> PerhapsTwice, int Hopeless)
{
    /// <param name="letters">All that the filter takes.</param>
    /// <param name="before">Entries of earlier runs on this namespace.</param>
    /// <param name="now">Envelopes that end by then have expired.</param>
    public static RedrivePlan Of(IReadOnlyCollection<DeadLetter> letters, IEnumerable<OperatorLogEntry> before, DateTimeOffset now)
    {
        var sent = new SentBefore(before, letters);
        var fresh = letters.Where(letter => !sent.IsSent(letter)).ToList();
        var live = fresh.Where(letter => letter.Size > 0 && (letter.ExpiresAt is not { } end || end > now)).ToList();
        return new RedrivePlan(
            RedriveOrder.Of(live),
            [.. letters.Where(sent.IsSent)],
            live.Where(sent.MayBeSent).Select(letter => letter.Key).ToHashSet(),
            fresh.Count - live.Count);
    }
}
