using Relay.Core.Health;
using Relay.Core.Ledger.Commit;
using Relay.Core.Rulings;

namespace Relay.Functions.Settlement;

/// <summary>
/// Whether a message whose envelope met a dependency's trouble is parked: waits in this worker, under its lock, and is tried again here,
/// instead of going back to its queue as a copy that fails again. Safe for concurrent use.
/// </summary>
/// <remarks>
/// While ledger or bus is known to be down, or this machine's clock is off, no envelope gets on: what was received waits until that is
/// over, without a call, and since the host takes no further batch meanwhile, what was not received waits on its queue, untouched.
/// <para>While nothing is known to be down a first failure is tried again a few times within <see cref="Unknown"/>: a service that errs
/// now and then, or one whose loss is not known yet. Others wait for that batch, so all of it is held to a <see cref="ParkingBudget"/>:
/// a negotiation that alone is in trouble costs the others no more than that. Nor are they held up for vault or directory: most
/// envelopes need neither.</para>
/// </remarks>
public sealed class Parking(DependencyCircuit circuit, ServiceClock clock, TimeProvider time)
{
    /// <summary>Longest stay, from receipt: 20 s, after which a copy is scheduled. Where locks are shorter than 42 s it is less.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    /// <summary>Longest stay while nothing is known to be down: 2.3 s, longer than the probes take to find out.</summary>
    public static readonly TimeSpan Unknown = TimeSpan.FromMilliseconds(2_300);

    /// <summary>How often what is down is looked at: 100 ms. No call is made for it.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    // One way more, and the settlement.
    private static readonly TimeSpan Reserve = EnvelopeProcessor.Patience + MessageLock.Margin;

    // They add up to Unknown.
    private static readonly TimeSpan[] Pauses =
        [.. new[] { 100, 200, 400, 800, 800 }.Select(static milliseconds => TimeSpan.FromMilliseconds(milliseconds))];

    private readonly ParkingBudget _budget = new(time);

    /// <summary>Waits as long as it is worth it.</summary>
    /// <param name="ruling">What the envelope met.</param>
    /// <param name="attempt">How many copies there were of its message before this one.</param>
    /// <param name="turn">How often it was parked: 0 for the first time.</param>
    /// <param name="receivedAt">Timestamp of the receipt.</param>
    /// <param name="held">The message's lock.</param>
    /// <param name="cancellationToken">The host is stopping.</param>
    /// <returns>True when the envelope is to be tried again now; false when the ruling stands.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> is cancelled.</exception>
    public async Task<bool> WaitAsync(
        Ruling ruling, int attempt, int turn, long receivedAt, MessageLock held, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ruling);
        if (CauseOf(ruling) is not { } dependency) return false;
        if (!IsStopped(dependency)) return await PauseAsync(dependency, attempt, turn, receivedAt, held, cancellationToken);
        while (HasTime(receivedAt, held))
        {
            await Task.Delay(Look, time, cancellationToken);
            if (!IsStopped(dependency)) return true;
        }

        return false;
    }

    private async Task<bool> PauseAsync(
        Dependency dependency, int attempt, int turn, long receivedAt, MessageLock held, CancellationToken cancellationToken)
    {
        if (attempt > 0 || turn >= Pauses.Length || circuit.IsDown(dependency) || !HasTime(receivedAt, held)) return false;
        if (!_budget.TryEnter()) return false;
        try
        {
            await Task.Delay(Pauses[turn], time, cancellationToken);
            return true;
        }
        finally
        {
            _budget.Leave();
        }
    }

    private bool HasTime(long receivedAt, MessageLock held) => time.GetElapsedTime(receivedAt) < Longest && held.Left > Reserve;

    // Does no envelope at all get past it?
    private bool IsStopped(Dependency dependency) => dependency switch
    {
        Dependency.Ledger => circuit.IsDown(Dependency.Ledger) || clock.Ahead?.Duration() > ServiceClock.MaxAhead,
        Dependency.Bus => circuit.IsDown(Dependency.Bus),
        Dependency.Vault or Dependency.Directory => false,
    };

    // Null for what no dependency's return mends: a document that does not validate, a ledger that is damaged or full.
    private static Dependency? CauseOf(Ruling ruling) => (ruling.Verdict, ruling.Reason) switch
    {
        (_, ReasonCodes.LedgerUnavailable) => Dependency.Ledger,
        (_, ReasonCodes.TopicUnavailable) => Dependency.Bus,
        (Verdict.KeyUnavailable, _) => Dependency.Vault,
        (_, ReasonCodes.DirectoryUnavailable) => Dependency.Directory,
        _ => null,
    };
}
