using System.Text;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// A delegation's acknowledgement, which proves itself under the document that it names: the relay can neither make one up nor change
/// one. Text: kind, time, policy digest, compact JWS.
/// </summary>
public sealed class AcknowledgementEntry : LedgerEntry
{
    /// <inheritdoc/>
    public override string Kind => "relay/acknowledgement/v1";

    /// <summary>Digest of the document in force, whose identity keys it was judged by.</summary>
    public required Digest Policy { get; init; }

    /// <inheritdoc/>
    public override Digest? JudgedBy => Policy;

    /// <summary>What the delegation signed.</summary>
    public required Acknowledgement Acknowledgement { get; init; }

    internal static AcknowledgementEntry? Read(ref EntryReader reader)
    {
        var at = ReadTime(ref reader);
        var policy = reader.Digest();
        var line = reader.Line();
        if (reader.Error.Length > 0) return null;
        if (Acknowledgement.TryParse(line, out var acknowledgement, out _, out var detail))
        {
            return new AcknowledgementEntry { Acknowledgement = acknowledgement, Policy = policy, At = at };
        }
        reader.Fail($"an acknowledgement ({detail})", line);
        return null;
    }

    private protected override void WriteFields(StringBuilder text)
    {
        WriteTime(text);
        WriteDigest(text, Policy);
        text.Append(System.Text.Encoding.ASCII.GetString(Acknowledgement.Bytes.Span)).Append('\n');
    }
}
