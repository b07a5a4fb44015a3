using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;

namespace Relay.Protocol.Evidence;

/// <summary>What two entries of one ledger show that no honest ledger holds. Pure.</summary>
internal static class EvidencePair
{
    private static readonly LieKind[] Kinds =
    [
        LieKind.BrokenPromise, LieKind.LoggedTwice, LieKind.BrokenOrder, LieKind.BrokenChain, LieKind.TimeBackwards,
        LieKind.FalseAcknowledgement, LieKind.AcknowledgedTwice, LieKind.PrekeyTwice, LieKind.BrokenPrekeys,
    ];

    /// <summary>The first lie that two entries show; null when they fit one ledger.</summary>
    public static LieKind? Find(EvidenceLeaf first, EvidenceLeaf second)
    {
        foreach (var kind in Kinds)
        {
            if (Shows(kind, first, second, out _)) return kind;
        }
        return null;
    }

    /// <summary>True when two entries show this lie.</summary>
    /// <param name="kind">One of two leaves.</param>
    /// <param name="first">An entry in its place.</param>
    /// <param name="second">Another, in any order.</param>
    /// <param name="detail">What they show.</param>
    public static bool Shows(LieKind kind, EvidenceLeaf first, EvidenceLeaf second, out string detail)
    {
        var (i, j) = (first.Index, second.Index);
        detail = $"the relay showed two entries at index {i}";
        if (kind == LieKind.BrokenPromise) return i == j && !first.Entry.Span.SequenceEqual(second.Entry.Span);
        if (i == j) return false;
        var (earlier, later) = i < j ? (first, second) : (second, first);
        if (!LedgerEntry.TryParse(earlier.Entry.Span, out var one, out _) || !LedgerEntry.TryParse(later.Entry.Span, out var two, out _))
        {
            return false;
        }
        if (kind == LieKind.TimeBackwards)
        {
            detail = $"the relay logged an entry of {one.At:u} at index {earlier.Index} and one of {two.At:u} at index {later.Index}";
            return two.At < one.At;
        }
        if (kind == LieKind.AcknowledgedTwice)
        {
            if (one is not AcknowledgementEntry { Acknowledgement: var said } || two is not AcknowledgementEntry again) return false;
            detail = $"the relay logged at index {i} and at index {j} that {said.Delegation} acknowledged {said.Id}";
            return said.Id == again.Acknowledgement.Id && said.Delegation == again.Acknowledgement.Delegation;
        }
        if (kind == LieKind.FalseAcknowledgement) return ShowsFalse(one, two, earlier.Index, later.Index, out detail);
        if (kind == LieKind.PrekeyTwice) return PrekeyPair.ShowsTwice(one, two, earlier.Index, later.Index, out detail);
        if (kind == LieKind.BrokenPrekeys) return PrekeyPair.ShowsBroken(one, two, earlier.Index, later.Index, out detail);
        if (one is not EnvelopeEntry before || two is not EnvelopeEntry after) return false;
        var logged = $"the relay logged {before.Id} at index {earlier.Index}, and at index {later.Index} ";
        return Shows(kind, before, after, logged, out detail);
    }

    // A stream is logged in its order: what comes after an acknowledgement was not there for it, nor was anything that follows that.
    private static bool ShowsFalse(LedgerEntry one, LedgerEntry two, long i, long j, out string detail)
    {
        detail = "";
        if (one is AcknowledgementEntry { Acknowledgement: var early } && two is EnvelopeEntry late)
        {
            detail = $"the relay logged at index {i} that {early.Delegation} acknowledged {early.Id}, and {late.Id} at index {j}";
            return early.Id.Stream == late.Id.Stream && late.Id.Sequence <= early.Id.Sequence;
        }
        if (one is not EnvelopeEntry of || two is not AcknowledgementEntry { Acknowledgement: var said } || said.Id != of.Id) return false;
        var fault = said.CheckEnvelope(of.Head, out var problem);
        detail = $"the relay logged {of.Id} at index {i}, and at index {j} that {said.Delegation} acknowledged it: {problem}";
        return fault != AcknowledgementFault.None;
    }

    private static bool Shows(LieKind kind, EnvelopeEntry before, EnvelopeEntry after, string logged, out string detail)
    {
        var isOneStream = before.Id.Stream == after.Id.Stream;
        (var shows, detail) = kind switch
        {
            LieKind.LoggedTwice => (before.Id == after.Id, logged + "again"),
            LieKind.BrokenOrder => (isOneStream && after.Id.Sequence < before.Id.Sequence, $"{logged}{after.Id}"),
            LieKind.BrokenChain => (
                isOneStream && before.Id.Sequence + 1 == after.Id.Sequence && after.Head.Previous != before.Digest,
                $"{logged}{after.Id}, whose 'prev' names another"),
            LieKind.BrokenPromise or LieKind.TimeBackwards or LieKind.Fork or LieKind.Rollback or LieKind.UnreadableEntry
                or LieKind.ForeignEntry or LieKind.ForbiddenEntry or LieKind.NoQuorum or LieKind.LateEntry or LieKind.FalseEvidence
                or LieKind.ForgedAcknowledgement or LieKind.FalseAcknowledgement or LieKind.AcknowledgedTwice or LieKind.PrekeyTwice
                or LieKind.BrokenPrekeys or LieKind.ForgedPrekeys or LieKind.Accusation or LieKind.WrongWrap =>
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "Expected a lie that two envelopes show."),
        };
        return shows;
    }
}
