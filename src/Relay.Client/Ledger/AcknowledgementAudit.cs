using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;
using Relay.Protocol.Text;

namespace Relay.Client.Ledger;

/// <summary>
/// Holds the acknowledgements of a ledger against what is before them, as it is read from its beginning, and gathers what was said of one
/// sender's envelopes. Not for concurrent use.
/// </summary>
/// <param name="judge">Knows the negotiation's documents.</param>
/// <param name="sender">Whose envelopes' answers are gathered; null gathers none.</param>
internal sealed class AcknowledgementAudit(EntryJudge judge, string? sender)
{
    // Of each envelope its digest and which of the audiences it has: most of a stream's go to the same delegations.
    private readonly Dictionary<StreamId, List<(Digest Digest, int Audience)>> _envelopes = [];
    private readonly List<HashSet<string>> _audiences = [];
    private readonly Dictionary<string, int> _audienceOf = new(StringComparer.Ordinal);
    private readonly Dictionary<(EnvelopeId Id, string Delegation), (long Index, string Text)> _said = [];
    private readonly OrderedDictionary<EnvelopeId, SentEnvelope> _sent = [];
    private NegotiationDocument? _document;
    private PolicyEntry? _policy;
    private bool _toldUnknown;

    /// <summary>The sender's envelopes in the ledger, in its order, with what was truly said of them.</summary>
    public IReadOnlyList<SentEnvelope> Sent => [.. _sent.Values];

    /// <summary>A document was put in force.</summary>
    public void Take(PolicyEntry policy)
    {
        _policy = policy;
        _document = judge.FindDocument(policy.Policy);
    }

    /// <summary>An envelope was logged; one out of its turn is a finding already, and nothing is said of it here.</summary>
    public void Take(EnvelopeEntry envelope, long index)
    {
        var id = envelope.Id;
        if (!_envelopes.TryGetValue(id.Stream, out var stream)) _envelopes[id.Stream] = stream = [];
        if (id.Sequence != stream.Count + 1) return;
        stream.Add((envelope.Digest, AudienceOf(envelope.Head)));
        if (id.Sender == sender) _sent.TryAdd(id, new SentEnvelope(id, index, envelope.At, envelope.Head.Audience));
    }

    /// <summary>An acknowledgement was logged.</summary>
    /// <returns>Null when it holds; else what is wrong, and in a sentence what was expected and what came.</returns>
    public (AuditKind Kind, string Detail)? Take(AcknowledgementEntry entry, long index)
    {
        var said = entry.Acknowledgement;
        if (FindFault(said) is { } fault) return (AuditKind.FalseAcknowledgement, fault);
        if (_document is null)
        {
            if (_toldUnknown) return null;
            _toldUnknown = true;
            return (AuditKind.UnknownPolicy, _policy is null
                ? $"expected a document in force before {said.Delegation} acknowledges {said.Id}, got none"
                : $"expected a negotiation document that is known here, {said.Id} was acknowledged under one with digest {_policy.Policy}");
        }
        if (said.Verify(_document, out var detail) != AcknowledgementFault.None) return (AuditKind.FalseAcknowledgement, detail);
        if (!_said.TryAdd((said.Id, said.Delegation), (index, said.ToString())))
        {
            var (first, text) = _said[(said.Id, said.Delegation)];
            return (
                AuditKind.FalseAcknowledgement,
                $"expected {said.Delegation} to acknowledge {said.Id} once, as {text} in entry {first}, got {said}");
        }
        if (_sent.TryGetValue(said.Id, out var sent)) sent.Add(new EnvelopeAnswer(index, entry.At, said));
        return null;
    }

    private string? FindFault(Acknowledgement said)
    {
        if (!_envelopes.TryGetValue(said.Id.Stream, out var stream) || said.Id.Sequence > stream.Count)
        {
            return $"expected an acknowledgement of an envelope before it, got one of {said.Id}";
        }
        var (digest, audience) = stream[(int)said.Id.Sequence - 1];
        if (digest != said.Digest) return $"expected digest {digest} of {said.Id}, {said.Delegation} acknowledged {said.Digest}";
        return _audiences[audience].Contains(said.Delegation) ? null : $"expected an addressee of {said.Id}, got {said.Delegation}";
    }

    private int AudienceOf(EnvelopeHead head)
    {
        var text = string.Join(',', head.Audience);
        if (_audienceOf.TryGetValue(text, out var at)) return at;
        _audiences.Add([.. head.Audience]);
        return _audienceOf[text] = _audiences.Count - 1;
    }
}
