using Relay.Core.Admission;
using Relay.Core.Rulings;
using Relay.Protocol.Ledger;
using Relay.Protocol.Negotiations;

namespace Relay.Core.Ledger.Rules;

/// <summary>The rules of modes, which are decided before a group's envelopes; see <see cref="DecisionRules"/>.</summary>
internal sealed partial class DecisionDraft
{
    private NegotiationMode _mode;

    public ModeRuling Judge(ModeCandidate candidate)
    {
        if (candidate.Mode == _mode)
        {
            // As far as this head says; another worker may have changed it since.
            _needsFreshHead |= !_isFresh;
            return new ModeRuling(ModeVerdict.Unchanged, -1, "");
        }

        // A ledger begins with a document. After that a mode depends on none: what contradicts it must not keep an operator from closing.
        if (_policy.Version == 0 && CheckPolicy(candidate.Policy, candidate.Document) is { } unfit)
        {
            return new ModeRuling(ModeVerdict.LedgerUnavailable, -1, unfit.Description);
        }
        var index = Append(new ModeEntry { Mode = candidate.Mode, At = _at }, -1);
        _mode = candidate.Mode;
        _signals.Add(new LedgerSignal(LedgerSignalKind.ModeChanged, null, index, _at) { Negotiation = _negotiation, Mode = _mode });
        return new ModeRuling(ModeVerdict.Changed, index, "");
    }

    private PrekeyRuling? CheckModeOfPrekeys() => AdmissionRules.CheckMode(_mode, _negotiation) is { } notNow
        ? Refuse(_mode == NegotiationMode.Closed ? PrekeyVerdict.Closed : PrekeyVerdict.ReadOnly, $"{notNow.Description}")
        : null;

    // Null when the ledger takes new envelopes. What contradicts one that it has is evidence in any mode: closing hides nothing.
    private CandidateRuling? CheckMode(Candidate candidate) =>
        AdmissionRules.CheckMode(_mode, _negotiation) is { } notNow ? Stop(candidate, notNow) : null;
}
