using System.Globalization;
using Relay.Core.Rulings;

namespace Relay.Core.Settlement;

/// <summary>Turns a ruling into what is done with the message that carried the envelope. Pure but for clock and jitter.</summary>
public sealed class SettlementPolicy(RetryBackoff backoff, TimeProvider time)
{
    /// <summary>The application property that counts copies: int, absent on the message as the producer sent it.</summary>
    public const string AttemptProperty = "relay-attempt";

    // Only the back-off reads the number, and anyone who can send can write it: past this it carries no more information.
    private const int LargestAttempt = 1_000;

    /// <summary>Reads <see cref="AttemptProperty"/>; whatever is not a count from 0 to 1,000 is brought into that range.</summary>
    public static int ReadAttempt(object? property) => property switch
    {
        int attempt => Math.Clamp(attempt, 0, LargestAttempt),
        long attempt => (int)Math.Clamp(attempt, 0, LargestAttempt),
        _ => 0,
    };

    /// <param name="ruling">What was decided.</param>
    /// <param name="attempt">The message's <see cref="AttemptProperty"/>.</param>
    public SettlementPlan Plan(Ruling ruling, int attempt)
    {
        ArgumentNullException.ThrowIfNull(ruling);
        var settlement = VerdictTable.For(ruling.Verdict).Settlement;
        return settlement switch
        {
            SettlementAction.Complete or SettlementAction.DeadLetter or SettlementAction.Abandon => new(settlement, ruling, null, 0),
            // What only waits for its time has not failed; the back-off keeps its place.
            SettlementAction.Postpone => new(settlement, ruling, DueAt(ruling), attempt),
            SettlementAction.Retry => PlanRetry(ruling, attempt),
        };
    }

    // Where it ends before its time it is told so at its end, and not days later.
    private DateTimeOffset DueAt(Ruling ruling)
    {
        var due = ruling.Until ?? time.GetUtcNow();
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
            _ => backoff.After(attempt),
        };
        if (ruling.ExpiresAt is { } end && due > end) due = end;
        return new(SettlementAction.Retry, ruling, due, ruling.RetryWithin is null ? Math.Min(attempt + 1, LargestAttempt) : attempt);
    }
}
