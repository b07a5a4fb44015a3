using System.Collections.Immutable;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Quorum;
using Relay.Protocol.Sealing;
using Relay.Protocol.Text;

namespace Relay.Protocol.Evidence;

/// <summary>Judges evidence of one entry that no honest relay logs.</summary>
internal sealed class EntryLie(EvidenceFile file, EvidenceInputs inputs)
{
    private readonly EvidenceTree _tree = file.Trees[0];
    private readonly EvidenceLeaf _leaf = file.Trees[0].Leaves[0];

    /// <summary>True for an entry whose first line is the form of a kind, and none that is known here.</summary>
    public static bool IsOfUnknownKind(ReadOnlySpan<byte> entry)
    {
        var end = entry.IndexOf((byte)'\n');
        return end > 0 && !LedgerEntry.IsKnownKind(entry[..end]) && IsKind(entry[..end]);
    }

    public static EvidenceVerdict UnknownKind(EvidenceLeaf leaf)
    {
        var kind = Excerpt.Of(leaf.Entry.Span[..leaf.Entry.Span.IndexOf((byte)'\n')]);
        return new(EvidenceFault.UnknownEntryKind, $"expected an entry of a kind that is known here, entry {leaf.Index} begins {kind}");
    }

    public EvidenceVerdict Judge()
    {
        if (IsOfUnknownKind(_leaf.Entry.Span)) return UnknownKind(_leaf);
        var isRead = LedgerEntry.TryParse(_leaf.Entry.Span, out var entry, out var error);
        return file.Kind switch
        {
            LieKind.UnreadableEntry => isRead
                ? EvidenceJudge.Nothing("an entry that breaks its format")
                : EvidenceJudge.Proved($"the relay logged at index {_leaf.Index} what is no entry: {error}"),
            LieKind.FalseEvidence => JudgeFalseEvidence(entry as EvidenceEntry, isRead, error),
            LieKind.LateEntry => JudgeLate(entry),
            LieKind.ForeignEntry => JudgeForeign(entry),
            LieKind.ForgedAcknowledgement => JudgeForged(entry as AcknowledgementEntry),
            LieKind.ForgedPrekeys => JudgeForgedPrekeys(entry),
            LieKind.ForbiddenEntry when entry is ClaimEntry claim => JudgeRoute(claim),
            LieKind.ForbiddenEntry or LieKind.NoQuorum => JudgeHeads(entry),
            LieKind.Accusation => JudgeAccusation(entry as EvidenceEntry),
            LieKind.WrongWrap => JudgeWrap(entry as EnvelopeEntry),
            LieKind.Fork or LieKind.Rollback or LieKind.BrokenPromise or LieKind.LoggedTwice or LieKind.BrokenOrder or LieKind.BrokenChain
                or LieKind.TimeBackwards or LieKind.FalseAcknowledgement or LieKind.AcknowledgedTwice or LieKind.PrekeyTwice
                or LieKind.BrokenPrekeys =>
                throw new InvalidOperationException($"Expected a lie of one entry, got {file.Kind}."),
        };
    }

    // Form of a kind: relay/{small letters and hyphens}/v{number}.
    private static bool IsKind(ReadOnlySpan<byte> line)
    {
        if (!line.StartsWith("relay/"u8)) return false;
        var rest = line["relay/"u8.Length..];
        var slash = rest.IndexOf("/v"u8);
        if (slash <= 0) return false;
        foreach (var c in rest[..slash])
        {
            if (c is not ((>= (byte)'a' and <= (byte)'z') or (byte)'-')) return false;
        }
        return StrictDecimal.TryParse(rest[(slash + 2)..], long.MaxValue, out var version) && version > 0;
    }

    private EvidenceVerdict JudgeFalseEvidence(EvidenceEntry? evidence, bool isRead, string error)
    {
        if (!isRead && file.Root is null && _leaf.Entry.Span.StartsWith("relay/evidence/v2\n"u8))
        {
            return EvidenceJudge.Proved($"the relay logged evidence at index {_leaf.Index} that shows nothing: {error}");
        }
        if (evidence?.Came.Seen is not { } seen || evidence.Shows != EvidenceKind.ForkSeen || file.Root is not { } root)
        {
            return EvidenceJudge.Nothing("evidence whose heads do not show what it says, or a fork seen with its root");
        }
        if (root.Root != seen.Root || seen.Size > _leaf.Index) return EvidenceJudge.Nothing($"the root that {evidence.Id} has seen");
        var checkpoint = _tree.Signed.Checkpoint;
        return MerkleProof.VerifyConsistency(seen.Size, seen.Root, checkpoint.Size, checkpoint.Root, root.Proof.AsSpan())
            ? EvidenceJudge.Proved($"the relay logged a fork at index {_leaf.Index}, and {evidence.Id} has seen a root of the ledger")
            : new EvidenceVerdict(EvidenceFault.NotConsistent, $"expected a proof from the root at size {seen.Size}, got another");
    }

    // The relay takes no key that ends before the newest entry; the verifier of receipts holds it to the same.
    private EvidenceVerdict JudgeLate(LedgerEntry? entry)
    {
        var ended = _tree.Signed.Certificate.ExpiresAt;
        return entry is null || entry.At <= ended
            ? EvidenceJudge.Nothing($"an entry dated after {ended:u}")
            : EvidenceJudge.Proved($"the relay signed an entry of {entry.At:u} with a key that had ended at {ended:u}");
    }

    private EvidenceVerdict JudgeForeign(LedgerEntry? entry)
    {
        var negotiation = file.Origin[(file.Origin.LastIndexOf('/') + 1)..];
        IEnumerable<(string Negotiation, string What)> named = entry switch
        {
            AcknowledgementEntry { Acknowledgement.Id: var id } => [(id.Negotiation, id.ToString())],
            PrekeysEntry { Bundle: var bundle } => [(bundle.Negotiation, $"prekeys of {bundle.Delegation} in {bundle.Negotiation}")],
            ClaimEntry { Claim: var claim } => [(claim.Negotiation, $"a claim of prekeys in {claim.Negotiation}")],
            _ => (entry?.JudgedHeads ?? []).Select(head => (head.Head.Id.Negotiation, head.Head.Id.ToString())),
        };
        var foreign = named.Where(one => one.Negotiation != negotiation).Select(one => one.What).FirstOrDefault();
        return foreign is null
            ? EvidenceJudge.Nothing($"what is of another negotiation than {negotiation}")
            : EvidenceJudge.Proved($"the relay logged {foreign} at index {_leaf.Index} of the ledger of {negotiation}");
    }

    // The entry names the document: an honest relay logs none that a key of it has not signed.
    private EvidenceVerdict JudgeForged(AcknowledgementEntry? entry)
    {
        if (entry is null) return EvidenceJudge.Nothing("an acknowledgement");
        if (FindDocument(entry.Policy, out var missing) is not { } document) return missing!;
        var said = entry.Acknowledgement;
        return said.Verify(document, out var detail) == AcknowledgementFault.None
            ? EvidenceJudge.Nothing($"an acknowledgement that {said.Delegation} has not signed")
            : EvidenceJudge.Proved(
                $"the relay logged at index {_leaf.Index} that {said.Delegation} acknowledged {said.Id}, and it has not: {detail}");
    }

    // As an acknowledgement. Whom a claim may be for is no question of who signed it.
    private EvidenceVerdict JudgeForgedPrekeys(LedgerEntry? entry)
    {
        if (entry is not PrekeyChainEntry signed) return EvidenceJudge.Nothing("a bundle of prekeys or a claim");
        if (FindDocument(signed.Policy, out var missing) is not { } document) return missing!;
        var signer = IdentityJws.DelegationOf(signed.KeyId);
        var what = signed is PrekeysEntry { Bundle.Number: var number }
            ? $"bundle {number} of its prekeys"
            : $"a claim of {signed.Delegation}'s prekeys";
        return signed.Verify(document, out var detail) is PrekeyFault.None or PrekeyFault.RouteForbidden
            ? EvidenceJudge.Nothing($"{what} that {signer} has not signed")
            : EvidenceJudge.Proved($"the relay logged at index {_leaf.Index} that {signer} signed {what}, and it has not: {detail}");
    }

    // What is logged against others holds when the relay had to log it: a head without its quorum would be the relay's own lie.
    private EvidenceVerdict JudgeAccusation(EvidenceEntry? evidence)
    {
        if (evidence is null) return EvidenceJudge.Nothing("evidence whose heads show what it says");
        EvidenceVerdict? open = null;
        foreach (var head in evidence.Heads)
        {
            if (FindDocument(head.Policy, out var missing) is not { } document)
            {
                open ??= missing;
                continue;
            }
            foreach (var verdict in (ReadOnlySpan<EvidenceVerdict>)[JudgeRoute(head, document), JudgeQuorum(head, document, evidence.At)])
            {
                if (verdict.Standing == EvidenceStanding.Proved) return EvidenceJudge.Nothing($"heads with their quorum: {verdict.Detail}");
                if (verdict.Standing == EvidenceStanding.NotJudged) open ??= verdict;
            }
        }
        return open ?? EvidenceJudge.Proved($"evidence at index {_leaf.Index}: {evidence.Describe()}");
    }

    // The head with its quorum is what holds the sender to the content: mediators stand for its hash.
    private EvidenceVerdict JudgeWrap(EnvelopeEntry? entry)
    {
        if (entry is null || file.Wrap is not { } wrap) return EvidenceJudge.Nothing("the entry of an envelope");
        if (Digest.Of(wrap.Content.Span) != entry.Head.ContentHash)
        {
            return new EvidenceVerdict(EvidenceFault.OtherContent, $"expected the content that the head of {entry.Id} names, got another");
        }
        if (FindDocument(entry.Policy, out var missing) is not { } document) return missing!;
        var quorum = JudgeQuorum(entry.Judged, document, entry.At);
        if (quorum.Standing == EvidenceStanding.NotJudged) return quorum;
        if (quorum.Standing == EvidenceStanding.Proved) return EvidenceJudge.Nothing($"a head with its quorum: {quorum.Detail}");
        var key = entry.Head.Audience.Where(document.Delegations.ContainsKey)
            .SelectMany(name => document.Delegations[name].EncryptionKeys)
            .FirstOrDefault(key => key.KeyId == wrap.KeyId);
        if (key is null)
        {
            return new EvidenceVerdict(
                EvidenceFault.UnknownRecipientKey,
                $"expected an encryption key of an addressee of {entry.Id}, got {Excerpt.Of(wrap.KeyId)}");
        }
        var fault = ContentOpener.Check(entry.Head, wrap.Content, wrap.Proof, key, out var detail);
        return fault switch
        {
            WrapFault.None => EvidenceJudge.Nothing("a content that this addressee cannot open"),
            WrapFault.NotForKey => EvidenceJudge.Nothing(detail),
            WrapFault.BadProof => new EvidenceVerdict(EvidenceFault.BadWrapProof, detail),
            WrapFault.Wrong => EvidenceJudge.Proved($"the sender of {entry.Id} made a content that {wrap.KeyId} cannot open: {detail}"),
        };
    }

    // One head that must not be there is enough, whatever is not known of another.
    private EvidenceVerdict JudgeHeads(LedgerEntry? entry)
    {
        EvidenceVerdict? open = null;
        foreach (var head in entry?.JudgedHeads ?? [])
        {
            var verdict = JudgeHead(head, entry!.At);
            if (verdict.Standing == EvidenceStanding.Proved) return verdict;
            if (verdict.Standing == EvidenceStanding.NotJudged) open ??= verdict;
        }
        return open ?? EvidenceJudge.Nothing($"a head that shows {file.Kind.ToText()}");
    }

    private EvidenceVerdict JudgeHead(JudgedHead judged, DateTimeOffset at)
    {
        if (FindDocument(judged.Policy, out var missing) is not { } document) return missing!;
        return file.Kind == LieKind.NoQuorum ? JudgeQuorum(judged, document, at) : JudgeRoute(judged, document);
    }

    private NegotiationDocument? FindDocument(Digest policy, out EvidenceVerdict? missing)
    {
        missing = null;
        if (inputs.FindDocument(policy) is { } own) return own;
        if (file.Document.IsEmpty || Digest.Of(file.Document.Span) != policy)
        {
            missing = new EvidenceVerdict(EvidenceFault.NoDocument, $"expected the negotiation document with digest {policy}, got none");
            return null;
        }
        if (NegotiationDocument.TryParse(file.Document.Span, out var document, out var errors)) return document;
        missing = new EvidenceVerdict(EvidenceFault.UnreadableDocument, string.Join(' ', errors));
        return null;
    }

    private EvidenceVerdict JudgeRoute(JudgedHead judged, NegotiationDocument document) =>
        judged.IsAllowedBy(document, out var detail)
            ? EvidenceJudge.Nothing($"an addressee that {judged.Head.Id.Sender} may not address")
            : EvidenceJudge.Proved($"the relay logged {judged.Head.Id} at index {_leaf.Index}: {detail}");

    // Whoever may not address a delegation is given none of its keys.
    private EvidenceVerdict JudgeRoute(ClaimEntry entry)
    {
        if (FindDocument(entry.Policy, out var missing) is not { } document) return missing!;
        var claim = entry.Claim;
        return document.Negotiation == claim.Negotiation && document.MayAddress(claim.Claimer, claim.Target)
            ? EvidenceJudge.Nothing($"a delegation whose prekeys {claim.Claimer} may not claim")
            : EvidenceJudge.Proved(
                $"the relay logged at index {_leaf.Index} a claim of {claim.Claimer}, which may not address {claim.Target} in "
                    + $"{claim.Negotiation}");
    }

    private EvidenceVerdict JudgeQuorum(JudgedHead judged, NegotiationDocument document, DateTimeOffset at)
    {
        var findings = new SignatureFinding[judged.Signed.Signatures.Length];
        for (var i = 0; i < findings.Length; i++)
        {
            var signature = judged.Signed.Signatures[i];
            if (!document.TryFindMediator(signature.Key, out var mediator))
            {
                findings[i] = new(signature.Key.Text, null, SignatureOutcome.UnknownMediator);
                continue;
            }
            var key = inputs.FindMediatorKey(signature.Key, at);
            var outcome = key is null ? SignatureOutcome.KeyUnavailable : SignatureOutcomes.Of(signature.Verify(key));
            findings[i] = new(signature.Key.Text, mediator.Name, outcome, key?.Thumbprint);
        }
        return Judge(judged, document.Quorum.Evaluate(findings));
    }

    private EvidenceVerdict Judge(JudgedHead judged, QuorumResult quorum)
    {
        var id = judged.Head.Id;
        return quorum.AsLogged() switch
        {
            LoggedQuorum.Holds => EvidenceJudge.Nothing($"signatures over {id} that do not suffice"),
            LoggedQuorum.NotProved => new EvidenceVerdict(
                EvidenceFault.UnknownMediatorKey, $"expected the keys of all that signed {id}: {quorum.Explain()}"),
            LoggedQuorum.Missed => EvidenceJudge.Proved($"the relay logged {id} at index {_leaf.Index}: {quorum.Explain()}"),
            LoggedQuorum.OutOfOrder => EvidenceJudge.Proved($"the relay logged {id} with signatures that are not by mediator name"),
        };
    }
}
