using System.Text;

namespace Relay.Protocol.Ledger;

/// <summary>The relay was up at this time and had nothing else to say. Text: kind, time.</summary>
public sealed class HeartbeatEntry : LedgerEntry
{
    /// <inheritdoc/>
    public override string Kind => "relay/heartbeat/v1";

    private protected override void WriteFields(StringBuilder text) => WriteTime(text);
}
