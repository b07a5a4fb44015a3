namespace Relay.Core.Health;

/// <summary>What the relay cannot take envelopes without; closed.</summary>
public enum Dependency
{
    /// <summary>The bus: queues and topics.</summary>
    Bus,

    /// <summary>The store of the ledgers.</summary>
    Ledger,

    /// <summary>The key vault.</summary>
    Vault,

    /// <summary>The directory of negotiations.</summary>
    Directory,
}
