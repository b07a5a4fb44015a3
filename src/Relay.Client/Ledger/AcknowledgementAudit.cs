using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Text;

namespace Relay.Client.Ledger;

/// <summary>
/// Holds the acknowledgements of a ledger against what is before them, as it is read from its beginning, and gathers what was said of one
/// sender's envelopes. Not for concurrent use.
/// </summary>
/// <param name="policies">Knows the negotiation's documents, and which is in force.</param>
/// <param name="sender">Whose envelopes' answers are gathered; null gathers none.</param>
internal sealed class AcknowledgementAudit(PolicyInForce policies, string? sender)
{
    // One file is enough.
    private const int MaxCharges = 64;

    // Of each envelope its digest, index and which of the audiences it has: most of a stream's go to the same delegations.
    private readonly Dictionary<StreamId, List<(Digest Digest, int Audience, long Index)>> _envelopes = [];
    private readonly List<HashSet<string>> _audiences = [];
    private readonly Dictionary<string, int> _audienceOf = new(StringComparer.Ordinal);
    private readonly Dictionary<(EnvelopeId Id, string Delegation), (long Index, string Text)> _said = [];
    private readonly OrderedDictionary<EnvelopeId, SentEnvelope> _sent = [];
    private readonly Dictionary<long, long> _against = [];
    private readonly Dictionary<StreamId, List<(long Sequence, long Index)>> _early = [];

    /// <summary>The sender's envelopes in the ledger, in its order, with what was truly said of them.</summary>
    public IReadOnlyList<SentEnvelope> Sent => [.. _sent.Values];

    /// <summary>Index of what shows with a false acknowledgement's entry that it is false, by that entry's index.</summary>
    public IReadOnlyDictionary<long, long> Against => _against;

    /// <summary>An envelope was logged; one out of its turn is a finding already, and nothing is said of it here.</summary>
    public void Take(EnvelopeEntry envelope, long index)
    {
        var id = envelope.Id;
        // What was acknowledged before it could not be there yet: a stream is logged in its order.
        if (_early.TryGetValue(id.Stream, out var early))
        {
            foreach (var (sequence, at) in early.Where(one => one.Sequence >= id.Sequence)) _against.TryAdd(at, index);
        }
        if (!_envelopes.TryGetValue(id.Stream, out var stream)) _envelopes[id.Stream] = stream = [];
        if (id.Sequence != stream.Count + 1) return;
        stream.Add((envelope.Digest, AudienceOf(envelope.Head), index));
        if (id.Sender == sender) _sent.TryAdd(id, new SentEnvelope(id, index, envelope.At, envelope.Head.Audience));
    }

    /// <summary>An acknowledgement was logged.</summary>
    /// <returns>Null when it holds; else what is wrong, and in a sentence what was expected and what came.</returns>
    public (AuditKind Kind, string Detail)? Take(AcknowledgementEntry entry, long index)
    {
        var said = entry.Acknowledgement;
        if (FindFault(said, index) is { } fault) return (AuditKind.FalseAcknowledgement, fault);
        var document = policies.Find(entry.Policy, $"{said.Id} was acknowledged", AuditKind.FalseAcknowledgement, out var problem);
        if (document is null) return problem;
        if (said.Verify(document, out var detail) != AcknowledgementFault.None) return (AuditKind.FalseAcknowledgement, detail);
        if (!_said.TryAdd((said.Id, said.Delegation), (index, said.ToString())))
        {
            var (first, text) = _said[(said.Id, said.Delegation)];
            Charge(index, first);
            return (
                AuditKind.FalseAcknowledgement,
                $"expected {said.Delegation} to acknowledge {said.Id} once, as {text} in entry {first}, got {said}");
        }
        if (_sent.TryGetValue(said.Id, out var sent)) sent.Add(new EnvelopeAnswer(index, entry.At, said) { Policy = entry.Policy });
        return null;
    }

    private string? FindFault(Acknowledgement said, long index)
    {
        var id = said.Id;
        if (!_envelopes.TryGetValue(id.Stream, out var stream) || id.Sequence > stream.Count)
        {
            if (!_early.TryGetValue(id.Stream, out var early)) _early[id.Stream] = early = [];
            if (early.Count < MaxCharges) early.Add((id.Sequence, index));
            return $"expected an acknowledgement of an envelope before it, got one of {id}";
        }
        var (digest, audience, at) = stream[(int)id.Sequence - 1];
        var fault = digest != said.Digest
            ? $"expected digest {digest} of {id}, {said.Delegation} acknowledged {said.Digest}"
            : _audiences[audience].Contains(said.Delegation) ? null : $"expected an addressee of {id}, got {said.Delegation}";
        if (fault is not null) Charge(index, at);
        return fault;
    }

    private void Charge(long index, long against)
    {
        if (_against.Count < MaxCharges) _against[index] = against;
    }

    private int AudienceOf(EnvelopeHead head)
    {
        var text = string.Join(',', head.Audience);
        if (_audienceOf.TryGetValue(text, out var at)) return at;
        _audiences.Add([.. head.Audience]);
        return _audienceOf[text] = _audiences.Count - 1;
    }
}
