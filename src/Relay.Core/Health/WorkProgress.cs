using Microsoft.Extensions.Logging;
using Relay.Core.Rulings;
using Relay.Core.Settlement;

namespace Relay.Core.Health;

/// <summary>
/// Whether messages wait and none of them gets on: known from what this process itself has received, so no management call is made. Safe
/// for concurrent use.
/// </summary>
/// <remarks>
/// There is a backlog while a message is under way, and while copies that came of no progress are still to come: until the last of them is
/// due, and a minute more.
/// </remarks>
public sealed class WorkProgress
{
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;

    // Guards the fields below. No await inside.
    private readonly Lock _gate = new();
    private int _underWay;
    private DateTimeOffset _copiesUntil = DateTimeOffset.MinValue;
    private DateTimeOffset _stalledSince;

    public WorkProgress(TimeProvider time) => _time = time;

    /// <summary>How long there has been a backlog without progress; zero when there is none, or it gets on.</summary>
    public TimeSpan Stalled
    {
        get
        {
            lock (_gate)
            {
                var now = _time.GetUtcNow();
                return HasBacklog(now) ? now - _stalledSince : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Messages received and not settled yet.</summary>
    public int UnderWay
    {
        get
        {
            lock (_gate)
            {
                return _underWay;
            }
        }
    }

    /// <summary>A message was received.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (!HasBacklog(now)) _stalledSince = now;
            _underWay++;
        }
    }

    /// <summary>It is under way no longer, whatever became of it.</summary>
    public void End()
    {
        lock (_gate)
        {
            _underWay--;
        }
    }

    /// <summary>A message was settled.</summary>
    /// <param name="plan">How. What waits as designed (an embargo, a gap, an operator's mode) is progress too.</param>
    public void Settled(in SettlementPlan plan)
    {
        var isDone = plan.Settlement is SettlementAction.Complete or SettlementAction.DeadLetter or SettlementAction.Postpone
            || VerdictTable.For(plan.Ruling.Verdict).Level == LogLevel.Debug;
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (isDone)
            {
                _stalledSince = now;
                _copiesUntil = DateTimeOffset.MinValue;
                return;
            }

            var due = (plan.CopyAt ?? now) + Late;
            if (due > _copiesUntil) _copiesUntil = due;
        }
    }

    private bool HasBacklog(DateTimeOffset now) => _underWay > 0 || now < _copiesUntil;
}
