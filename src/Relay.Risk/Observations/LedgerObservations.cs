using System.Collections.Immutable;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Risk.Observations;

/// <summary>
/// The metadata of a stretch of a ledger, in its order. Entries are taken as they are: that they are the ledger's, and that their
/// signatures hold, is for whoever reads them to have checked. Not safe for concurrent use while entries are added.
/// </summary>
public sealed class LedgerObservations
{
    private readonly Func<Digest, NegotiationDocument?> _documents;
    private readonly List<ObservedEnvelope> _envelopes = [];
    private readonly List<ObservedAnswer> _answers = [];
    private readonly List<ObservedEvidence> _evidence = [];
    private readonly List<ObservedMode> _modes = [];

    /// <param name="from">Index of the first entry that is going to be added.</param>
    /// <param name="documents">The negotiation document of a digest, for names and weights of mediators; null when it is not known.</param>
    public LedgerObservations(long from, Func<Digest, NegotiationDocument?> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        From = from;
        Next = from;
        _documents = documents;
    }

    /// <summary>Index of the first entry.</summary>
    public long From { get; }

    /// <summary>Index after the last one.</summary>
    public long Next { get; private set; }

    /// <summary>When the first entry was written; null while there is none.</summary>
    public DateTimeOffset? First { get; private set; }

    /// <summary>When the last one was.</summary>
    public DateTimeOffset? Last { get; private set; }

    /// <summary>Accepted envelopes.</summary>
    public IReadOnlyList<ObservedEnvelope> Envelopes => _envelopes;

    /// <summary>Acknowledgements.</summary>
    public IReadOnlyList<ObservedAnswer> Answers => _answers;

    /// <summary>Contradictions.</summary>
    public IReadOnlyList<ObservedEvidence> Evidence => _evidence;

    /// <summary>Modes.</summary>
    public IReadOnlyList<ObservedMode> Modes => _modes;

    /// <summary>The newest document that entries were judged by; null while none has been seen.</summary>
    public NegotiationDocument? Document { get; private set; }

    /// <summary>Takes the next entry.</summary>
    /// <param name="text">The entry's bytes.</param>
    /// <param name="error">What was expected and what came; empty when true.</param>
    /// <returns>False for what is no entry, or one whose document is not known.</returns>
    public bool TryAdd(ReadOnlySpan<byte> text, out string error) =>
        LedgerEntry.TryParse(text, out var entry, out error) && TryAdd(entry, out error);

    /// <inheritdoc cref="TryAdd(ReadOnlySpan{byte}, out string)"/>
    public bool TryAdd(LedgerEntry entry, out string error)
    {
        ArgumentNullException.ThrowIfNull(entry);
        error = "";
        foreach (var judged in entry.JudgedHeads)
        {
            if (Find(judged.Policy) is not null) continue;
            error = $"expected the negotiation document of digest {judged.Policy}, which entry {Next} was judged by, it is not there";
            return false;
        }
        // Kinds that say nothing of how the parties deal with each other are only counted.
        switch (entry)
        {
            case EnvelopeEntry envelope:
                _envelopes.Add(Observe(envelope));
                break;
            case AcknowledgementEntry { Acknowledgement: var said }:
                _answers.Add(new ObservedAnswer(entry.At, said.Delegation, said.Id, said.Reason));
                break;
            case EvidenceEntry evidence:
                _evidence.Add(new ObservedEvidence(evidence.At, evidence.Shows, evidence.Id.Sender, Accused(evidence)));
                break;
            case ModeEntry mode:
                _modes.Add(new ObservedMode(mode.At, mode.Mode));
                break;
        }
        First ??= entry.At;
        Last = entry.At;
        Next++;
        return true;
    }

    private ObservedEnvelope Observe(EnvelopeEntry entry)
    {
        var head = entry.Head;
        var document = Find(entry.Policy)!;
        var vouched = Vouched(entry.Judged);
        var weight = vouched.Sum(name => document.Mediators[name].Weight);
        var due = head.NotBefore > head.IssuedAt ? head.NotBefore.Value : head.IssuedAt;
        var id = head.Id;
        Document = document;
        return new ObservedEnvelope(
            Next, entry.At, id.Sender, id.Lane, id.Sequence, head.Audience, due, vouched, (double)weight / document.Quorum.TotalWeight);
    }

    private ImmutableArray<string> Accused(EvidenceEntry evidence) => evidence.Shows switch
    {
        EvidenceKind.Equivocation => [.. Vouched(evidence.Heads[0]).Intersect(Vouched(evidence.Heads[1]))],
        EvidenceKind.BrokenChain => Vouched(evidence.Heads[1]),
        EvidenceKind.ForkSeen => [],
    };

    private ImmutableArray<string> Vouched(JudgedHead judged)
    {
        var document = Find(judged.Policy)!;
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var signature in judged.Signed.Signatures)
        {
            if (document.TryFindMediator(signature.Key, out var mediator)) names.Add(mediator.Name);
        }
        return [.. names];
    }

    private NegotiationDocument? Find(Digest policy) =>
        Document is { } newest && newest.PolicyDigest == policy ? newest : _documents(policy);
}
