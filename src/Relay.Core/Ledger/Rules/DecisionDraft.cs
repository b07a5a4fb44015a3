using System.Collections.Immutable;
using Relay.Core.Ledger.State;
using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;
using Relay.Protocol.Ledger;
using Relay.Protocol.Merkle;
using Relay.Protocol.Text;

namespace Relay.Core.Ledger.Rules;

/// <summary>
/// A decision in the making: the state as it changes, and the rules that
/// change it. Lives for one call of <see cref="DecisionRules.Decide"/>.
/// </summary>
internal sealed partial class DecisionDraft
{
    private readonly string _negotiation;
    private readonly LedgerState _before;
    private readonly LedgerFacts _facts;
    private readonly bool _isFresh;
    private readonly DateTimeOffset _at;
    private readonly CompactRange _range;
    private readonly List<StreamState> _streams;
    private readonly List<OutstandingEntry> _outstanding;
    private readonly List<PrekeyState> _prekeys;
    private readonly List<NewEntry> _entries = [];
    private readonly SortedDictionary<string, StagedBlob> _puts = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _deletes = new(StringComparer.Ordinal);
    private readonly List<Release> _releases = [];
    private readonly List<LedgerSignal> _signals = [];
    private readonly Dictionary<EnvelopeId, LoggedEntry> _logged = [];
    private readonly Dictionary<Digest, Candidate> _held = [];
    private readonly HashSet<Digest> _evidence = [];
    private PolicyState _policy;
    private bool _changes;
    private bool _needsFreshHead;

    // Something that the ledger has not was refused. A newer head may say otherwise (what is held may be released since, or dropped as
    // unchained and another logged in its place), and only a swap shows that there is none: without one, the message would be gone.
    private bool _refusesNew;

    public DecisionDraft(string negotiation, LedgerState before, LedgerFacts facts, DateTimeOffset now, bool isFresh)
    {
        _negotiation = negotiation;
        _before = before;
        _facts = facts;
        _isFresh = isFresh;
        var floor = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        _at = floor > before.At ? floor : before.At;
        _range = before.Range.Clone();
        _streams = [.. before.Streams];
        _outstanding = [.. before.Outstanding];
        _prekeys = [.. before.Prekeys];
        _policy = before.Policy;
        _due = before.Due;
        _mode = before.Mode;
    }

    /// <summary>Takes out what is over: forwarded entries, and whatever has expired.</summary>
    public void Settle(IReadOnlySet<long> forwarded)
    {
        SettleOutstanding(forwarded);
        for (var i = 0; i < _streams.Count; i++)
        {
            foreach (var held in _streams[i].Held)
            {
                if (held.ExpiresAt > _at) continue;
                RemoveHeld(i, held);
                _signals.Add(new LedgerSignal(LedgerSignalKind.HeldExpired, IdOf(i, held.Sequence), null, _at));
            }
        }
    }

    /// <summary>The rules of <see cref="DecisionRules"/>, in their order.</summary>
    public CandidateRuling Judge(Candidate candidate)
    {
        var id = candidate.Id;
        var position = IndexOf(id);
        var stream = position < 0 ? new StreamState(id.Sender, id.Lane, 0, default, default, []) : _streams[position];
        // What is said of a logged one no later head takes back.
        if (id.Sequence <= stream.Last) return RuleOnLogged(candidate);
        var ruling = JudgeNew(candidate, position, stream);
        // What comes again by itself needs no newer head: its moment there is the same, or the head refuses the swap.
        _refusesNew |= ruling.Ruling is not (null or { Verdict: Verdict.RateLimited or Verdict.Embargoed });
        return ruling;
    }

    private CandidateRuling JudgeNew(Candidate candidate, int position, StreamState stream)
    {
        var id = candidate.Id;
        var held = stream.FindHeld(id.Sequence);
        if (held is not null)
        {
            if (held.Digest != candidate.Head.Digest) return ContradictHeld(candidate, held);
            // Next in line and still held: its blob is damaged, and this is a new copy of it.
            if (id.Sequence > stream.Last + 1) return Stop(candidate, LedgerRulings.HeldAlready(stream.Last + 1, id.Sequence));
        }

        if (CheckMode(candidate) is { } notNow) return notNow;
        // A new copy of one whose blob is damaged was counted when it was held, and what has expired waits for nothing.
        var waits = held is null && candidate.Head.ExpiresAt > _at;
        if (waits && CheckRate(candidate, stream) is { } wait) return Stop(candidate, wait);
        if (CheckSeen(candidate) is { } forked) return forked;
        if (candidate.Head.ExpiresAt <= _at) return Stop(candidate, LedgerRulings.Expired(_at, candidate.Head.ExpiresAt));
        // So an entry's time, which every receipt has, proves that the embargo was kept.
        if (candidate.Head.NotBefore is { } begins && begins > _at) return Stop(candidate, LedgerRulings.Embargoed(_at, begins));
        // Admission looked at a clock that has since gone back: an entry of now would be dated before its envelope.
        if (candidate.Begins > _at + EnvelopeLimits.MaxClockSkew) return Stop(candidate, LedgerRulings.TooEarly(_at, candidate.Begins));
        if (id.Sequence > stream.Last + 1) return Hold(candidate, position, stream);
        return stream.Last == 0 || candidate.Head.Previous == stream.Digest
            ? Log(candidate, position, stream, held)
            : Contradict(
                EvidenceKind.BrokenChain,
                candidate,
                FindLogged(id with { Sequence = stream.Last }),
                $"expected prev {stream.Digest}, the digest of sequence {stream.Last}, got {candidate.Head.Previous}");
    }

    /// <summary>Releases in every stream whatever is next and held, as far as there is room.</summary>
    public void ReleaseAll()
    {
        for (var i = 0; i < _streams.Count; i++)
        {
            Release(i);
        }
    }

    public Decision ToDecision(
        ImmutableArray<CandidateRuling> rulings,
        ImmutableArray<AcknowledgementRuling> acknowledgements,
        ImmutableArray<PrekeyRuling> prekeys,
        ImmutableArray<ModeRuling> modes) =>
        new()
        {
            State = _changes
                ? new LedgerState
                {
                    Commit = _before.Commit + 1,
                    Range = _range,
                    At = _at,
                    Policy = _policy,
                    Streams = [.. _streams.Select(WithoutPast)],
                    Outstanding = [.. _outstanding],
                    Prekeys = [.. _prekeys],
                    Due = _due > Now ? _due : 0,
                    Mode = _mode,
                }
                : _before,
            Entries = [.. _entries],
            Puts = [.. _puts.Values],
            Deletes = [.. _deletes.Where(name => !_puts.ContainsKey(name))],
            Rulings = rulings,
            Acknowledgements = acknowledgements,
            Prekeys = prekeys,
            Modes = modes,
            ClaimPages = ClaimPages,
            Releases = [.. _releases],
            Signals = [.. _signals],
            Changes = _changes,
            NeedsFreshHead = _needsFreshHead || (_refusesNew && !_changes && !_isFresh),
        };

    private CandidateRuling RuleOnLogged(Candidate candidate)
    {
        if (Logged(candidate.Id) is not { } logged) return Stop(candidate, LedgerRulings.Damaged());

        if (logged.Digest != candidate.Head.Digest)
        {
            return Contradict(
                EvidenceKind.Equivocation,
                candidate,
                logged.Judged,
                $"expected the logged envelope {logged.Digest} as {candidate.Id}, got {candidate.Head.Digest}");
        }

        var isOutstanding = _outstanding.Exists(entry => logged.Index >= entry.Index && logged.Index < entry.End);
        return new CandidateRuling(logged.Index, isOutstanding, LedgerRulings.Duplicate(logged.Index).About(candidate.Head));
    }

    // Null when the checkpoint seen, if any, is one of this ledger.
    private CandidateRuling? CheckSeen(Candidate candidate)
    {
        if (candidate.Head.Seen is not { } seen) return null;
        if (seen.Size > _before.Size)
        {
            _needsFreshHead |= !_isFresh;
            return Contradict(
                EvidenceKind.ForkSeen, candidate, null, $"expected seen of at most {_before.Size} entries, got {seen.Size}");
        }

        if (!_facts.Roots.TryGetValue(seen.Size, out var root) || root.Problem is not null) return Stop(candidate, LedgerRulings.Damaged());
        return root.Value == seen.Root
            ? null
            : Contradict(
                EvidenceKind.ForkSeen, candidate, null, $"expected root {root.Value} at size {seen.Size} as seen, got {seen.Root}");
    }

    private CandidateRuling Log(Candidate candidate, int position, StreamState stream, HeldEnvelope? held)
    {
        if (_facts.DamagedStreams.ContainsKey(candidate.Id.Stream)) return Stop(candidate, LedgerRulings.Damaged());
        if (IsBacklog()) return Stop(candidate, LedgerRulings.Backlog());
        if (CheckPolicy(candidate) is { } unfit) return unfit;
        if (position < 0 && !TryAddStream(stream, out position)) return Stop(candidate, LedgerRulings.NoRoomForStream());
        if (held is not null) RemoveHeld(position, held);
        else Count(candidate, position);
        var index = Append(candidate, position);
        AddOutstanding(index, candidate.Head.ExpiresAt);
        Release(position);
        return new CandidateRuling(index, true, null);
    }

    private CandidateRuling Hold(Candidate candidate, int position, StreamState stream)
    {
        var next = stream.Last + 1;
        if (candidate.Id.Sequence - next > candidate.Reach)
        {
            return Stop(candidate, LedgerRulings.TooFarAhead(next, candidate.Reach, candidate.Id.Sequence));
        }

        if (HeldInAll() >= LedgerLimits.Held)
        {
            return Stop(candidate, LedgerRulings.HoldFull(next, HeldInAll(), candidate.Id.Sequence));
        }

        if (CheckPolicy(candidate) is { } unfit) return unfit;
        if (position < 0 && !TryAddStream(stream, out position)) return Stop(candidate, LedgerRulings.NoRoomForStream());
        var content = candidate.ToHeld().ToBytes();
        var blob = Digest.Of(content);
        var held = new HeldEnvelope(candidate.Id.Sequence, candidate.Head.Digest, blob, candidate.Head.ExpiresAt);
        Put(LedgerPaths.Held(candidate.Id, blob), content);
        _held[blob] = candidate;
        _streams[position] = _streams[position] with { Held = [.. stream.Held.Append(held).OrderBy(item => item.Sequence)] };
        Count(candidate, position);
        _changes = true;
        return Stop(candidate, LedgerRulings.Held(next, candidate.Id.Sequence));
    }

    // One evidence entry for each envelope that contradicts the ledger, however often it comes. What it contradicts goes into
    // the entry with it; only a fork needs nothing more than the head itself.
    private CandidateRuling Contradict(EvidenceKind kind, Candidate candidate, JudgedHead? held, FormattableString description)
    {
        if (!_facts.Evidence.Contains(candidate.Head.Digest) && !_evidence.Contains(candidate.Head.Digest))
        {
            if (held is null && kind != EvidenceKind.ForkSeen) return Stop(candidate, LedgerRulings.Damaged());
            if (CheckPolicy(candidate) is { } unfit) return unfit;
            AppendEvidence(kind, candidate, held);
        }

        return Stop(candidate, LedgerRulings.Contradiction(kind, description));
    }

    private CandidateRuling ContradictHeld(Candidate candidate, HeldEnvelope held) => Contradict(
        EvidenceKind.Equivocation,
        candidate,
        FindHeld(held)?.Judged,
        $"expected the held envelope {held.Digest} as {candidate.Id}, got {candidate.Head.Digest}");

    private void AppendEvidence(EvidenceKind kind, Candidate candidate, JudgedHead? held)
    {
        var digest = candidate.Head.Digest;
        ImmutableArray<JudgedHead> heads = held is null ? [candidate.Judged] : [held, candidate.Judged];
        var index = Append(new EvidenceEntry { Shows = kind, Heads = heads, At = _at }, -1);
        _evidence.Add(digest);
        Put(LedgerPaths.Evidence(_negotiation, digest), candidate.Wire);
        var signal = kind switch
        {
            EvidenceKind.Equivocation => LedgerSignalKind.Equivocation,
            EvidenceKind.BrokenChain => LedgerSignalKind.BrokenChain,
            EvidenceKind.ForkSeen => LedgerSignalKind.ForkSeen,
        };
        _signals.Add(new LedgerSignal(signal, candidate.Id, index, _at));
    }

    private CandidateRuling? CheckPolicy(Candidate candidate) =>
        CheckPolicy(candidate.Policy, candidate.Document) is { } unfit ? Stop(candidate, unfit) : null;

    // Null for what was judged by the document in force, or by a newer one, which is then put in force.
    private Ruling? CheckPolicy(PolicyState policy, ReadOnlyMemory<byte> document)
    {
        if (policy.Version < _policy.Version) return LedgerRulings.PolicyOutdated(_policy.Version, policy.Version);
        if (policy.Version > _policy.Version)
        {
            Append(new PolicyEntry { Version = policy.Version, Policy = policy.Digest, At = _at }, -1);
            Put(LedgerPaths.Policy(_negotiation, policy.Digest), document);
            _policy = policy;
            return null;
        }

        return policy.Digest == _policy.Digest ? null : LedgerRulings.PolicyConflict(_policy, policy.Digest);
    }

    private void Release(int position)
    {
        while (true)
        {
            var stream = _streams[position];
            if (stream.FindHeld(stream.Last + 1) is not { } held || IsBacklog()) return;
            if (_facts.DamagedStreams.ContainsKey(IdOf(position, held.Sequence).Stream) || FindHeld(held) is not { } envelope) return;
            if (stream.Last == 0 || envelope.Head.Previous == stream.Digest)
            {
                var index = Append(envelope, position);
                _outstanding.Add(new OutstandingEntry(index, held.ExpiresAt, new ReleasedEnvelope(position, held.Sequence, held.Blob)));
                Remove(position, held);
                _releases.Add(new Release(index, envelope));
                continue;
            }

            if (!_facts.Evidence.Contains(held.Digest) && !_evidence.Contains(held.Digest))
            {
                // Its entry is damaged: the held one stays until that is mended.
                if (FindLogged(IdOf(position, stream.Last)) is not { } last) return;
                AppendEvidence(EvidenceKind.BrokenChain, envelope, last);
            }
            RemoveHeld(position, held);
            return;
        }
    }

    private LoggedEntry? Logged(EnvelopeId id)
    {
        if (_logged.TryGetValue(id, out var logged)) return logged;
        return _facts.Logged.TryGetValue(id, out var fact) && fact.Problem is null ? fact.Value : null;
    }

    private JudgedHead? FindLogged(EnvelopeId id) => Logged(id)?.Judged;

    private Candidate? FindHeld(HeldEnvelope held)
    {
        if (_held.TryGetValue(held.Blob, out var candidate)) return candidate;
        return _facts.Held.TryGetValue(held.Blob, out var fact) && fact.Problem is null ? fact.Value : null;
    }

    private long Append(Candidate candidate, int position)
    {
        var index = Append(new EnvelopeEntry { Judged = candidate.Judged, At = _at }, position);
        _streams[position] = _streams[position] with { Last = candidate.Id.Sequence, Digest = candidate.Head.Digest };
        _logged[candidate.Id] = new LoggedEntry(index, candidate.Judged);
        return index;
    }

    private long Append(LedgerEntry entry, int position)
    {
        var leaf = MerkleHash.Leaf(entry.Bytes.Span);
        _range.Append(leaf);
        _entries.Add(new NewEntry(entry.Bytes, leaf, position) { Entry = entry });
        _changes = true;
        return _range.Size - 1;
    }

    private bool TryAddStream(StreamState stream, out int position)
    {
        position = _streams.Count;
        if (position >= LedgerLimits.Streams) return false;
        _streams.Add(stream);
        return true;
    }

    // Every released envelope still to be forwarded keeps its blob, so it counts as held.
    private int HeldInAll() => _streams.Sum(stream => stream.Held.Length) + _outstanding.Count(entry => entry.Released is not null);

    private void RemoveHeld(int position, HeldEnvelope held)
    {
        Remove(position, held);
        Drop(IdOf(position, held.Sequence), held.Blob);
        _changes = true;
    }

    private void Remove(int position, HeldEnvelope held) =>
        _streams[position] = _streams[position] with { Held = _streams[position].Held.Remove(held) };

    private void Put(string name, ReadOnlyMemory<byte> content) => _puts[name] = new StagedBlob(name, content);

    // What was to be put in this very commit is not put at all.
    private void Drop(EnvelopeId id, Digest blob)
    {
        var name = LedgerPaths.Held(id, blob);
        if (!_puts.Remove(name)) _deletes.Add(name);
    }

    private EnvelopeId IdOf(int position, long sequence) => new(_negotiation, _streams[position].Sender, _streams[position].Lane, sequence);

    private int IndexOf(EnvelopeId id) => _streams.FindIndex(stream => stream.Lane == id.Lane && stream.Sender == id.Sender);

    private static CandidateRuling Stop(Candidate candidate, Ruling ruling) => new(-1, false, ruling.About(candidate.Head));
}
