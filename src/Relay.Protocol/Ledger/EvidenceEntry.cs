using System.Text;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// A refused envelope that contradicts the ledger. Text: kind, id, what it
/// shows, the digest held, the digest that came, time. The signed statements
/// themselves are kept elsewhere, under their digests.
/// </summary>
public sealed class EvidenceEntry : LedgerEntry
{
    /// <inheritdoc/>
    public override string Kind => "relay/evidence/v1";

    /// <summary>The refused envelope.</summary>
    public required EnvelopeId Id { get; init; }

    /// <summary>What the two digests show.</summary>
    public required EvidenceKind Shows { get; init; }

    /// <summary>
    /// Of the ledger. Equivocation: the envelope logged under this id. Broken chain: the last
    /// envelope of the stream. Fork: the tree's root at the size seen, or of the whole tree
    /// when it never had that size.
    /// </summary>
    public required Digest Held { get; init; }

    /// <summary>Digest of the refused envelope.</summary>
    public required Digest Came { get; init; }

    internal static EvidenceEntry Read(ref EntryReader reader) => new()
    {
        Id = reader.Id(),
        Shows = ReadShows(ref reader),
        Held = reader.Digest(),
        Came = reader.Digest(),
        At = ReadTime(ref reader),
    };

    private protected override void WriteFields(StringBuilder text)
    {
        WriteId(text, Id);
        text.Append(Shows switch
        {
            EvidenceKind.Equivocation => "equivocation\n",
            EvidenceKind.BrokenChain => "broken-chain\n",
            EvidenceKind.ForkSeen => "fork-seen\n",
        });
        WriteDigest(text, Held);
        WriteDigest(text, Came);
    }

    private static EvidenceKind ReadShows(ref EntryReader reader)
    {
        var line = reader.Line();
        if (line.SequenceEqual("equivocation"u8)) return EvidenceKind.Equivocation;
        if (line.SequenceEqual("broken-chain"u8)) return EvidenceKind.BrokenChain;
        if (!line.SequenceEqual("fork-seen"u8)) reader.Fail("equivocation, broken-chain or fork-seen", line);
        return EvidenceKind.ForkSeen;
    }
}
