using Relay.Core.Ledger.State;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Reading;

/// <summary>The state that a verified head has.</summary>
/// <param name="Head">Digest of the head's note.</param>
/// <param name="State">The ledger's state.</param>
public sealed record HeadState(Digest Head, LedgerState State);
