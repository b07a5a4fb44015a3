using Relay.Core.Ledger.State;

namespace Relay.Core.Ledger.Reading;

/// <summary>What a head said, and when it was asked.</summary>
/// <param name="State">The ledger's state.</param>
/// <param name="At">No later than the head was read.</param>
public sealed record RecentHead(LedgerState State, DateTimeOffset At);
