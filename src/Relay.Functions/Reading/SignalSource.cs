using Relay.Risk.Observations;
using Relay.Risk.Results;

namespace Relay.Functions.Reading;

/// <summary>What a negotiation's signals are computed from, for any window. Read only.</summary>
/// <param name="Negotiation">Name of the negotiation.</param>
/// <param name="Relay">Name of the relay.</param>
/// <param name="Ledger">Which entries, of which tree.</param>
/// <param name="Observations">What they say.</param>
public sealed record SignalSource(string Negotiation, string Relay, LedgerStretch Ledger, LedgerObservations Observations);
