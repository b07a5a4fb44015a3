using System.Globalization;
using Relay.Core.Rulings;

namespace Relay.Core.Settlement;

/// <summary>
/// Turns a ruling into what is done with the message that carried the envelope. Pure but for clock, jitter and the budget of retries, of
/// which a process has one. Thread-safe.
/// </summary>
public sealed class SettlementPolicy(RetryBackoff backoff, TimeProvider time)
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
            SettlementAction.Retry => PlanRetry(ruling, attempt),
        };
    }

    // The back-off, or longer where more have failed than may come again: the schedule is the one place where retries are held down.
    private TimeSpan Paced(TimeSpan wait, DateTimeOffset now) => _budget.TryTake() is { } free
        ? free - now > wait ? free - now : wait
        : backoff.Between(RetryBackoff.Most / 2, RetryBackoff.Most);

    // Where it ends before its time it is told so at its end, and not days later.
    private DateTimeOffset DueAt(Ruling ruling, DateTimeOffset? enqueuedAt)
    {
        var now = time.GetUtcNow();
        var due = ruling.Until ?? now;
        // By the bus's clock its time has come, by ours it has not: it would be back at once, and again, until ours is as far.
        if (enqueuedAt >= due && due > now) due = enqueuedAt.Value + (due - now);
        return ruling.ExpiresAt is { } end && end < due ? end : due;
    }

    private SettlementPlan PlanRetry(Ruling ruling, int attempt)
    {
        var now = time.GetUtcNow();
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
        var due = now + ruling switch
        {
            { RetryWithin: { } within, RetryFrom: var from } when from > TimeSpan.Zero => backoff.Between(from, within),
            { RetryWithin: { } within } => backoff.Within(within),
            _ => Paced(backoff.After(attempt), now),
        };
        if (ruling.ExpiresAt is { } end && due > end) due = end;
        return new(SettlementAction.Retry, ruling, due, ruling.RetryWithin is null ? Math.Min(attempt + 1, LargestAttempt) : attempt);
    }
}
