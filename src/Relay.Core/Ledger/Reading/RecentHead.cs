using Relay.Core.Ledger.State;

namespace Relay.Core.Ledger.Reading;

/// <summary>What a head said, and when it was asked.</summary>
/// <param name="State">The ledger's state: the same object for as long as the head is the same.</param>
/// <param name="At">No later than the head was read.</param>
/// <param name="Head">The head that said it; null where there is none yet.</param>
public sealed record RecentHead(LedgerState State, DateTimeOffset At, HeadState? Head);
