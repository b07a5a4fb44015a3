using Relay.Protocol.Ledger;

namespace Relay.Client.Ledger;

/// <summary>What checking a receipt or checkpoint gave.</summary>
/// <param name="Fault"><see cref="ReceiptFault.None"/> when every check held.</param>
/// <param name="KeyUnavailable">The relay's vault key could not be read; nothing is known then. Transient.</param>
/// <param name="Detail">What was expected and what came; empty when every check held.</param>
public readonly record struct ReceiptCheck(ReceiptFault Fault, bool KeyUnavailable, string Detail)
{
    /// <summary>True when every check held.</summary>
    public bool Holds => Fault == ReceiptFault.None && !KeyUnavailable;
}
