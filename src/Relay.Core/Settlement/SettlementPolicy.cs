using System.Globalization;
using Relay.Core.Ledger.Commit;
using Relay.Core.Rulings;

namespace Relay.Core.Settlement;

/// <summary>
/// Turns a ruling into what is done with the message that carried the envelope. Pure but for clock, jitter and the budget of retries, of
/// which a process has one. Thread-safe.
/// </summary>
/// <remarks>
/// A copy is scheduled by the bus's clock and judged by ours when it comes. Ours is never taken for later than the services' say it is, so
/// nothing is told that it has expired while it has not; and where the bus made a message visible at a time that ours has not reached, ours
/// is behind by so much at least, and the copy is due by so much later: else it would be back at once, and again, until ours is as far.
/// </remarks>
/// <param name="backoff">How long what failed waits.</param>
/// <param name="time">Clock of the budget.</param>
/// <param name="clock">What time it is.</param>
public sealed class SettlementPolicy(RetryBackoff backoff, TimeProvider time, ServiceClock clock)
{
    /// <summary>The application property that counts copies: int, absent on the message as the producer sent it.</summary>
    public const string AttemptProperty = "relay-attempt";

    // Only the back-off reads the number, and anyone who can send can write it: past this it carries no more information.
    private const int LargestAttempt = 1_000;

    private readonly RetryBudget _budget = new(time);

    /// <summary>Reads <see cref="AttemptProperty"/>; whatever is not a count from 0 to 1,000 is brought into that range.</summary>
    public static int ReadAttempt(object? property) => property switch
    {
        int attempt => Math.Clamp(attempt, 0, LargestAttempt),
        long attempt => (int)Math.Clamp(attempt, 0, LargestAttempt),
        _ => 0,
    };

    /// <param name="ruling">What was decided.</param>
    /// <param name="attempt">The message's <see cref="AttemptProperty"/>.</param>
    /// <param name="enqueuedAt">When its queue made the message visible, by the bus's clock; null when that is not known.</param>
    public SettlementPlan Plan(Ruling ruling, int attempt, DateTimeOffset? enqueuedAt = null)
    {
        ArgumentNullException.ThrowIfNull(ruling);
        if (attempt == 0) _budget.Count();
        var settlement = VerdictTable.For(ruling.Verdict).Settlement;
        return settlement switch
        {
            SettlementAction.Complete or SettlementAction.DeadLetter or SettlementAction.Abandon => new(settlement, ruling, null, 0),
            // What only waits for its time has not failed; the back-off keeps its place.
            SettlementAction.Postpone => new(settlement, ruling, DueAt(ruling, enqueuedAt), attempt),
            SettlementAction.Retry => PlanRetry(ruling, attempt, enqueuedAt),
        };
    }

    // Where it ends before its time it is told so at its end, and not days later.
    private DateTimeOffset DueAt(Ruling ruling, DateTimeOffset? enqueuedAt)
    {
        var now = clock.Now;
        return OnBus(Earlier(ruling.Until ?? now, ruling.ExpiresAt), now, enqueuedAt);
    }

    private SettlementPlan PlanRetry(Ruling ruling, int attempt, DateTimeOffset? enqueuedAt)
    {
        var now = clock.Now;
        if (ruling.ExpiresAt is { } expiresAt && expiresAt <= now)
        {
            // Without this an envelope whose negotiation cannot be read would circle for ever: expiry is judged after that step.
            var expired = ruling with
            {
                Verdict = Verdict.Expired,
                Reason = ReasonCodes.Expired,
                Description = string.Create(
                    CultureInfo.InvariantCulture,
                    $"expected delivery before {expiresAt:u}, got none by {now:u}; last: {ruling.Reason}: {ruling.Description}"),
            };
            return new(SettlementAction.DeadLetter, expired, null, 0);
        }

        // What is only early has not failed; the back-off keeps its place.
        var wait = ruling switch
        {
            { RetryWithin: { } within, RetryFrom: var from } when from > TimeSpan.Zero => backoff.Between(from, within),
            { RetryWithin: { } within } => backoff.Within(within),
            _ => Paced(backoff.After(attempt)),
        };
        // From when it came where that is later than now is here: the wait is a span, and the bus counts it by its own clock.
        var due = (enqueuedAt > now ? enqueuedAt.Value : now) + wait;
        if (ruling.ExpiresAt < due) due = OnBus(ruling.ExpiresAt.Value, now, enqueuedAt);
        return new(SettlementAction.Retry, ruling, due, ruling.RetryWithin is null ? Math.Min(attempt + 1, LargestAttempt) : attempt);
    }

    // The back-off, or longer where more have failed than may come again: the schedule is the one place where retries are held down.
    private TimeSpan Paced(TimeSpan wait) => _budget.TryTake() is { } free
        ? free > wait ? free : wait
        : backoff.Between(RetryBackoff.Most / 2, RetryBackoff.Most);

    // A moment of ours on the bus's clock. Where the bus is not there yet, its own counts: other workers' clocks may be right.
    private static DateTimeOffset OnBus(DateTimeOffset due, DateTimeOffset now, DateTimeOffset? enqueuedAt) =>
        enqueuedAt >= due ? enqueuedAt.Value + (due > now ? due - now : TimeSpan.Zero) : due;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset? other) => other < one ? other.Value : one;
}
