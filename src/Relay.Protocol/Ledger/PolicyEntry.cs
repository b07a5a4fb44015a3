using System.Globalization;
using System.Text;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>From here on this negotiation document holds. Text: kind, version, policy digest, time.</summary>
public sealed class PolicyEntry : LedgerEntry
{
    /// <inheritdoc/>
    public override string Kind => "relay/policy/v1";

    /// <summary>The document's <c>version</c>, 0 to 2^53 - 1.</summary>
    public required long Version { get; init; }

    /// <summary>SHA-256 of the document's bytes.</summary>
    public required Digest Policy { get; init; }

    internal static PolicyEntry Read(ref EntryReader reader) =>
        new() { Version = reader.Number(0, EnvelopeId.MaxSequence), Policy = reader.Digest(), At = ReadTime(ref reader) };

    private protected override void WriteFields(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{Version}\n");
        WriteDigest(text, Policy);
        WriteTime(text);
    }
}
