using System.Collections.Immutable;
using System.Text;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Text;

namespace Relay.Protocol.Ledger;

/// <summary>
/// A refused envelope that contradicts the ledger, with the signed heads that show it. Text: kind, time, what it
/// shows, then the heads, each as in <see cref="EnvelopeEntry"/>. What its heads do not show is no entry: an accusation
/// that anybody made up is a fault of the relay that logged it.
/// </summary>
public sealed class EvidenceEntry : LedgerEntry
{
    /// <inheritdoc/>
    public override string Kind => "relay/evidence/v2";

    /// <summary>What the heads show.</summary>
    public required EvidenceKind Shows { get; init; }

    /// <summary>
    /// The heads. Equivocation: the one that the ledger has or holds under this id, then the one that came. Broken chain: the last one
    /// of the stream, then the one that came after it. Fork: the one whose <c>seen</c> is none of this ledger's roots.
    /// </summary>
    public required ImmutableArray<JudgedHead> Heads { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<JudgedHead> JudgedHeads => Heads;

    /// <summary>The refused envelope.</summary>
    public EnvelopeHead Came => Heads[^1].Head;

    /// <summary>Id of the refused envelope.</summary>
    public EnvelopeId Id => Came.Id;

    /// <summary>
    /// Who is accused of what, by the names of the keys that are said to have signed; whether they did is for a judge of the quorum.
    /// </summary>
    public string Describe() => Shows switch
    {
        EvidenceKind.Equivocation =>
            $"{Id} was said twice, with digests {Heads[0].Head.Digest} and {Came.Digest}; both are signed by {Names(SignedBoth())}",
        EvidenceKind.BrokenChain =>
            $"{Id} does not continue {Heads[0].Head.Id} as it is logged, its 'prev' names another; it is signed by "
                + Names(Signers(Heads[1])),
        EvidenceKind.ForkSeen =>
            $"{Id.Sender} says in {Id} that it was shown root {Came.Seen!.Root} at size {Came.Seen.Size}, which is not the ledger's: the "
                + $"relay showed it another tree, or {Id.Sender} says so falsely",
    };

    internal static EvidenceEntry? Read(ref EntryReader reader)
    {
        var at = ReadTime(ref reader);
        var shows = ReadShows(ref reader);
        var heads = ImmutableArray.CreateBuilder<JudgedHead>(shows == EvidenceKind.ForkSeen ? 1 : 2);
        while (heads.Count < heads.Capacity && reader.Error.Length == 0) heads.Add(reader.Judged());
        if (reader.Error.Length > 0) return null;
        var entry = new EvidenceEntry { Shows = shows, Heads = heads.MoveToImmutable(), At = at };
        if (!entry.IsShown()) reader.Fail($"heads that show {Name(shows)}", System.Text.Encoding.ASCII.GetBytes(entry.Id.ToString()));
        return entry;
    }

    private protected override void WriteFields(StringBuilder text)
    {
        WriteTime(text);
        text.Append(Name(Shows)).Append('\n');
        foreach (var head in Heads) WriteJudged(text, head);
    }

    private bool IsShown() => Shows switch
    {
        EvidenceKind.Equivocation => Heads[0].Head.Id == Id && Heads[0].Head.Digest != Came.Digest,
        EvidenceKind.BrokenChain => Heads[0].Head.Id.Stream == Id.Stream
            && Heads[0].Head.Id.Sequence + 1 == Id.Sequence
            && Heads[0].Head.Digest != Came.Previous,
        EvidenceKind.ForkSeen => Came.Seen is not null,
    };

    private IEnumerable<string> SignedBoth() => Signers(Heads[0]).Intersect(Signers(Heads[1]), StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> Signers(JudgedHead head) => head.Signed.Signatures.Select(signature => signature.Key.Name);

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.DefaultIfEmpty("nobody"));

    private static string Name(EvidenceKind kind) => kind switch
    {
        EvidenceKind.Equivocation => "equivocation",
        EvidenceKind.BrokenChain => "broken-chain",
        EvidenceKind.ForkSeen => "fork-seen",
    };

    private static EvidenceKind ReadShows(ref EntryReader reader)
    {
        var line = reader.Line();
        if (line.SequenceEqual("equivocation"u8)) return EvidenceKind.Equivocation;
        if (line.SequenceEqual("broken-chain"u8)) return EvidenceKind.BrokenChain;
        if (!line.SequenceEqual("fork-seen"u8)) reader.Fail("equivocation, broken-chain or fork-seen", line);
        return EvidenceKind.ForkSeen;
    }
}
