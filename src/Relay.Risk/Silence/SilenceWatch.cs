using Relay.Protocol.Negotiations;
using Relay.Risk.Observations;

namespace Relay.Risk.Silence;

/// <summary>
/// Who of one negotiation has fallen silent, by each one's own rhythm, as the ledger tells it: delegations by when their envelopes were
/// accepted (an acknowledgement is a sign of life, and no part of the rhythm), mediators by which signatures counted, the relay by all
/// entries. Bounded, without a clock, and not safe for concurrent use.
/// </summary>
public sealed class SilenceWatch
{
    private const int MaxDelegations = 256;

    // The ledger's clock has milliseconds; two in one are that far apart.
    private const double LeastGap = 0.001;

    // Of a silence that was told no more is learnt than this many times the longest gap: an outage is no rhythm, a changed pace is.
    private const double MostLearnt = 2;

    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MostPause = TimeSpan.FromMinutes(1);

    private readonly SilenceRules _rules;
    private readonly MediatorRhythms _mediators;
    private readonly PartyRhythm _relay;
    private readonly Dictionary<string, PartyRhythm> _delegations = new(StringComparer.Ordinal);
    private readonly List<SilenceNotice> _back = [];
    private NegotiationDocument? _document;
    private ObservedMode? _mode;

    /// <param name="rules">When a silence is told.</param>
    /// <param name="relay">The relay's name.</param>
    public SilenceWatch(SilenceRules rules, string relay)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _rules = rules;
        _mediators = new MediatorRhythms(rules);
        _relay = new PartyRhythm(PartyKind.Relay, relay);
    }

    /// <summary>Index of the first entry that has not been taken.</summary>
    public long Next { get; private set; }

    /// <summary>Parties that are silent, as was told.</summary>
    public IEnumerable<(PartyKind Kind, string Name, SilenceCause Cause)> Silent =>
        _delegations.Values.Append(_relay).Where(party => party.Told is not null).Concat(_mediators.Silent)
            .Select(party => (party.Kind, party.Name, party.Told!.Value));

    /// <summary>Takes what is new in a ledger.</summary>
    /// <param name="observations">The newest of it, read at any time.</param>
    /// <param name="pauses">When whoever watches stood still.</param>
    public void Observe(LedgerObservations observations, OwnPauses pauses)
    {
        ArgumentNullException.ThrowIfNull(observations);
        _document = observations.Document ?? _document;
        if (observations.From > Next) Skip();
        foreach (var mode in observations.Modes) Observe(mode);
        foreach (var envelope in observations.Envelopes)
        {
            if (envelope.Index >= Next) Observe(envelope, pauses);
        }

        foreach (var answer in observations.Answers)
        {
            Hear(answer.Delegation, answer.At, pauses);
            if (answer.At > _relay.Heard) Learn(_relay, answer.At, pauses);
        }

        Next = Math.Max(Next, observations.Next);
    }

    /// <summary>Takes the next envelope.</summary>
    public void Observe(ObservedEnvelope envelope, OwnPauses pauses)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        if (Find(envelope.Sender) is { } sender) Learn(sender, envelope.At, pauses);
        Learn(_relay, envelope.At, pauses);
        _back.AddRange(_mediators.Observe(envelope));
    }

    /// <summary>Takes a sign of life that is no part of a delegation's rhythm.</summary>
    public void Hear(string delegation, DateTimeOffset at, OwnPauses pauses)
    {
        if (_delegations.TryGetValue(delegation, out var party)) Hear(party, at, pauses);
    }

    /// <summary>Who has fallen silent, and who is back, since it was asked last.</summary>
    /// <param name="now">Now.</param>
    /// <param name="health">How far whoever watches is to be trusted.</param>
    /// <param name="pauses">When it stood still.</param>
    /// <param name="unwellSince">Since when the relay knows that it cannot work; null while it can. No party is judged meanwhile.</param>
    public IReadOnlyList<SilenceNotice> Judge(DateTimeOffset now, LocalHealth health, OwnPauses pauses, DateTimeOffset? unwellSince = null)
    {
        ArgumentNullException.ThrowIfNull(health);
        List<SilenceNotice> notices = [.. _back];
        _back.Clear();
        if (unwellSince is not null)
        {
            if (JudgeRelay(now) is { } told) notices.Add(told);
            return notices;
        }

        // Whose envelopes are not taken is not silent.
        if (_mode?.Mode is { } mode && mode != NegotiationMode.Open) return notices;
        if (_relay.Told is not null) notices.Add(_relay.Return(now, SecondsOf(now - _relay.Heard!.Value)));
        notices.AddRange(_delegations.Values.Select(party => Judge(party, now, health, pauses)).OfType<SilenceNotice>());
        notices.AddRange(_mediators.Judge(now, name => _document?.Mediators.ContainsKey(name) != false));
        return notices;
    }

    /// <summary>When it is worth looking into the ledger again: a second to a minute from now.</summary>
    public DateTimeOffset NextLook(DateTimeOffset now, OwnPauses pauses)
    {
        var next = NextDeadline(now, pauses) is { } deadline ? Earlier(now + MostPause, deadline) : now + MostPause;
        foreach (var party in _delegations.Values.Append(_relay).Concat(_mediators.Silent))
        {
            if (party.Told is not null) next = Earlier(next, now + ((now - party.Heard!.Value) / 10));
        }

        return next < now + LeastPause ? now + LeastPause : next;
    }

    /// <summary>When the first delegation is told, if it is not heard before; null when none can be.</summary>
    internal DateTimeOffset? NextDeadline(DateTimeOffset now, OwnPauses pauses)
    {
        DateTimeOffset? next = null;
        foreach (var party in _delegations.Values)
        {
            if (party.Told is not null || party.Heard is not { } heard || !_rules.IsKnown(party.Gaps, now)) continue;
            var left = TimeSpan.FromSeconds(party.Ratio * party.Gaps.Longest) - pauses.Awake(heard, now);
            // Past it others are waited for that confirm it.
            var deadline = left > TimeSpan.Zero ? now + left : now + ((now - heard) / 50);
            next = next is { } known ? Earlier(known, deadline) : deadline;
        }

        return next;
    }

    private SilenceNotice? Judge(PartyRhythm party, DateTimeOffset now, LocalHealth health, OwnPauses pauses)
    {
        if (party.Told == SilenceCause.Party || party.Heard is not { } heard || !_rules.IsKnown(party.Gaps, now)) return null;
        if (_document?.Delegations.ContainsKey(party.Name) == false) return null;
        var silence = SecondsOf(pauses.Awake(heard, now));
        var longest = party.Gaps.Longest;
        if (silence < 2 * longest) return null;
        var least = party.Ratio * longest * health.Multiplier;
        if (silence < least) return null;
        var confirmers = _mediators.Heard(at => SecondsOf(pauses.Awake(heard, at)) > longest);
        if (silence < least * SilenceRules.WantOfConfirmers(confirmers, _mediators.Count)) return null;
        var cause = confirmers > 0 ? SilenceCause.Party : SilenceCause.Path;
        return party.Told == cause ? null : party.Tell(cause, now, silence, confirmers);
    }

    private SilenceNotice? JudgeRelay(DateTimeOffset now)
    {
        if (_relay.Told is not null || _relay.Heard is not { } heard || !_rules.IsKnown(_relay.Gaps, now)) return null;
        var silence = SecondsOf(now - heard);
        return silence < _relay.Ratio * _relay.Gaps.Longest ? null : _relay.Tell(SilenceCause.Relay, now, silence, 0);
    }

    private void Learn(PartyRhythm party, DateTimeOffset at, OwnPauses pauses)
    {
        var wasSilent = party.Told is not null;
        Hear(party, at, pauses);
        if (party.Ended is { } ended)
        {
            var gap = Math.Max(LeastGap, SecondsOf(pauses.Awake(ended, at)));
            party.Gaps.Add(wasSilent ? Math.Min(gap, MostLearnt * party.Gaps.Longest) : gap, ended, at);
        }

        party.Ended = at;
    }

    private void Hear(PartyRhythm party, DateTimeOffset at, OwnPauses pauses)
    {
        if (party.Heard is { } heard)
        {
            if (at <= heard) return;
            // The relay is back when it says so itself.
            if (party.Told is not null && party.Kind != PartyKind.Relay)
            {
                _back.Add(party.Return(at, SecondsOf(pauses.Awake(heard, at))));
            }
        }

        party.Heard = at;
    }

    // From when an operator opens a negotiation again everybody has as long to be heard as after an envelope.
    private void Observe(ObservedMode mode)
    {
        if (_mode is { } known && mode.At <= known.At) return;
        var isOpened = mode.Mode == NegotiationMode.Open && _mode is not null;
        _mode = mode;
        if (!isOpened) return;
        Skip();
        foreach (var party in _delegations.Values)
        {
            if (party.Told is null && party.Heard < mode.At) party.Heard = mode.At;
        }
    }

    // What was between is not known: no gap goes across it.
    private void Skip()
    {
        foreach (var party in _delegations.Values) party.Ended = null;
        _relay.Ended = null;
    }

    private PartyRhythm? Find(string delegation)
    {
        if (_delegations.TryGetValue(delegation, out var party)) return party;
        if (_delegations.Count >= MaxDelegations) return null;
        _delegations.Add(delegation, party = new PartyRhythm(PartyKind.Delegation, delegation));
        return party;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static double SecondsOf(TimeSpan span) => span.TotalSeconds;
}
