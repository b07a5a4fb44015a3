using System.Globalization;
using System.Text;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// From here on the keys of this bundle are handed out. It proves itself under the document that it names. Text: kind, time, policy digest,
/// index of what of the same delegation's came before, compact JWS.
/// </summary>
public sealed class PrekeysEntry : PrekeyChainEntry
{
    /// <inheritdoc/>
    public override string Kind => "relay/prekeys/v1";

    /// <summary>What the delegation signed.</summary>
    public required PrekeyBundle Bundle { get; init; }

    /// <inheritdoc/>
    public override string Delegation => Bundle.Delegation;

    /// <inheritdoc/>
    public override string KeyId => Bundle.KeyId;

    /// <inheritdoc/>
    public override bool IsLink => true;

    internal override PrekeyStanding Standing => new(Bundle.Number, Bundle.Digest, Bundle.First, Bundle.OneTime.Length);

    /// <inheritdoc/>
    public override PrekeyFault Verify(NegotiationDocument document, out string detail) => Bundle.Verify(document, out detail);

    internal static PrekeysEntry? Read(ref EntryReader reader)
    {
        var at = ReadTime(ref reader);
        var policy = reader.Digest();
        var previous = reader.Number(0, MerkleHash.MaxSize);
        var line = reader.Line();
        if (reader.Error.Length > 0) return null;
        if (PrekeyBundle.TryParse(line, out var bundle, out _, out var detail))
        {
            return new PrekeysEntry { Bundle = bundle, Previous = previous, Policy = policy, At = at };
        }
        reader.Fail($"a bundle of prekeys ({detail})", line);
        return null;
    }

    private protected override void WriteFields(StringBuilder text)
    {
        WriteTime(text);
        WriteDigest(text, Policy);
        text.Append(CultureInfo.InvariantCulture, $"{Previous}\n");
        text.Append(System.Text.Encoding.ASCII.GetString(Bundle.Bytes.Span)).Append('\n');
    }
}
