using System.Buffers.Binary;
using System.Globalization;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Ledger.Rules;

/// <summary>The rules of acknowledgements, which are decided after a group's envelopes; see <see cref="DecisionRules"/>.</summary>
internal sealed partial class DecisionDraft
{
    private readonly Dictionary<AcknowledgementKey, LoggedAcknowledgement> _acknowledged = [];

    public AcknowledgementRuling Judge(AcknowledgementCandidate candidate)
    {
        var said = candidate.Acknowledgement;
        var position = IndexOf(said.Id);
        if (position < 0 || said.Id.Sequence > _streams[position].Last)
        {
            _needsFreshHead |= !_isFresh;
            return AcknowledgementRuling.Stop(
                AcknowledgementVerdict.UnknownEnvelope, $"expected an envelope that the ledger has, got {said.Id}");
        }
        if (FindLogged(said.Id) is not { } logged) return DamagedAcknowledgement();
        switch (said.CheckEnvelope(logged.Head, out var problem))
        {
            case AcknowledgementFault.None:
                break;
            case AcknowledgementFault.NotAddressed:
                return AcknowledgementRuling.Stop(AcknowledgementVerdict.NotAddressed, problem);
            default:
                return AcknowledgementRuling.Stop(AcknowledgementVerdict.UnknownEnvelope, problem);
        }
        var key = AcknowledgementKey.Of(said);
        if (_facts.Acknowledged.TryGetValue(key, out var fact) && fact.Problem is not null) return DamagedAcknowledgement();
        if (_acknowledged.TryGetValue(key, out var before)) return Compare(said, before);
        return _facts.Acknowledged.ContainsKey(key) ? Compare(said, fact.Value) : Log(candidate, key);
    }

    private AcknowledgementRuling Log(AcknowledgementCandidate candidate, AcknowledgementKey key)
    {
        // What was said before a negotiation was closed can still be acknowledged.
        if (_mode == NegotiationMode.ReadOnly)
        {
            _refusesNew = true;
            var detail = $"expected negotiation '{_negotiation}' in mode open or closed, got read-only";
            return AcknowledgementRuling.Stop(AcknowledgementVerdict.ReadOnly, detail);
        }
        if (CheckPolicy(candidate.Policy, candidate.Document) is { } unfit)
        {
            _refusesNew = true;
            return AcknowledgementRuling.Stop(AcknowledgementVerdict.LedgerUnavailable, unfit.Description);
        }
        var entry = new AcknowledgementEntry
        {
            Policy = candidate.Policy.Digest,
            Acknowledgement = candidate.Acknowledgement,
            At = _at,
        };
        var index = Append(entry, -1);
        var content = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(content, index);
        Put(LedgerPaths.Acknowledged(key.Id, key.Delegation), content);
        _acknowledged[key] = new LoggedAcknowledgement(index, candidate.Acknowledgement);
        return new AcknowledgementRuling(AcknowledgementVerdict.Logged, index, "");
    }

    private static AcknowledgementRuling Compare(Acknowledgement said, in LoggedAcknowledgement before) =>
        said.SaysTheSame(before.Acknowledgement)
            ? new AcknowledgementRuling(AcknowledgementVerdict.Repeated, before.Index, "")
            : AcknowledgementRuling.Stop(
                AcknowledgementVerdict.OtherState,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"expected {said.Delegation} to say {before.Acknowledgement} of {said.Id} as in entry {before.Index}, got {said}"));

    private static AcknowledgementRuling DamagedAcknowledgement() =>
        AcknowledgementRuling.Stop(AcknowledgementVerdict.LedgerDamaged, LedgerRulings.Damaged().Description);
}
