using Microsoft.Extensions.Logging;
using Relay.Core.Ledger.Keys;
using Relay.Core.Ledger.State;
using Relay.Core.Ledger.Store;

namespace Relay.Core.Ledger.Commit;

/// <summary>What every ledger of a process shares.</summary>
internal sealed record LedgerServices
{
    /// <summary>The store; each call of it ends in time.</summary>
    public required ILedgerStore Store { get; init; }

    public required CheckpointKeys Keys { get; init; }

    public required HeadVerifier Verifier { get; init; }

    public required SeenHeads Seen { get; init; }

    public required IReleaseForwarding Releases { get; init; }

    public required SignalSender Signals { get; init; }

    /// <summary>Told of a head that other workers have committed since the last one seen here; null for nobody.</summary>
    public required Action<string, LedgerState>? Moved { get; init; }

    public required LedgerOptions Options { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>The services' time, which <see cref="Time"/> is held against before anything is dated; null for none.</summary>
    public required ServiceClock? Clock { get; init; }

    /// <summary>What time it is for what must not be taken for late: <see cref="ServiceClock.Now"/>.</summary>
    public DateTimeOffset Now => Clock?.Now ?? Time.GetUtcNow();

    public required LedgerScheduler Scheduler { get; init; }

    /// <summary>Uniform in [0, 1), for jitter.</summary>
    public required Func<double> Random { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Cancelled at shutdown, when waiting is over.</summary>
    public required CancellationToken Stopping { get; init; }
}
