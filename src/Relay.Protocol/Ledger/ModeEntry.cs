using System.Text;
using Relay.Protocol.Negotiations;

namespace Relay.Protocol.Ledger;

/// <summary>From here on the negotiation is in this mode. Text: kind, mode, time.</summary>
public sealed class ModeEntry : LedgerEntry
{
    /// <inheritdoc/>
    public override string Kind => "relay/mode/v1";

    /// <summary>The mode; <c>open</c>, <c>read-only</c> or <c>closed</c> in the text.</summary>
    public required NegotiationMode Mode { get; init; }

    internal static ModeEntry Read(ref EntryReader reader) => new() { Mode = ReadMode(ref reader), At = ReadTime(ref reader) };

    private protected override void WriteFields(StringBuilder text)
    {
        text.Append(Mode.ToText()).Append('\n');
        WriteTime(text);
    }

    private static NegotiationMode ReadMode(ref EntryReader reader)
    {
        var line = reader.Line();
        if (line.SequenceEqual("open"u8)) return NegotiationMode.Open;
        if (line.SequenceEqual("read-only"u8)) return NegotiationMode.ReadOnly;
        if (!line.SequenceEqual("closed"u8)) reader.Fail("open, read-only or closed", line);
        return NegotiationMode.Closed;
    }
}
