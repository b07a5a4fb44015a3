using Relay.Risk.Observations;

namespace Relay.Risk.Silence;

/// <summary>
/// The mediators of a negotiation, each by its own rhythm: a gap is counted in envelopes of senders that it has vouched for, from one that
/// it vouches for to the next, so that it is not taken for silent when its senders are. Not safe for concurrent use.
/// </summary>
internal sealed class MediatorRhythms(SilenceRules rules)
{
    // Documents have a few; what is past it is not watched.
    private const int MaxKept = 256;

    private readonly Dictionary<string, Mediator> _mediators = new(StringComparer.Ordinal);

    /// <summary>How many have ever vouched.</summary>
    public int Count => _mediators.Count;

    /// <summary>How many have been heard since it was so.</summary>
    public int Heard(Func<DateTimeOffset, bool> isSo) => _mediators.Values.Count(mediator => isSo(mediator.Rhythm.Heard!.Value));

    /// <summary>Takes an envelope.</summary>
    /// <returns>Who is back with it.</returns>
    public IReadOnlyList<SilenceNotice> Observe(ObservedEnvelope envelope)
    {
        List<SilenceNotice>? back = null;
        foreach (var name in envelope.Vouched)
        {
            if (!_mediators.TryGetValue(name, out var mediator))
            {
                if (_mediators.Count >= MaxKept) continue;
                _mediators.Add(name, mediator = new Mediator(new PartyRhythm(PartyKind.Mediator, name)));
            }

            var rhythm = mediator.Rhythm;
            if (rhythm.Told is not null) (back ??= []).Add(rhythm.Return(envelope.At, mediator.Run));
            if (rhythm.Heard is { } heard) rhythm.Gaps.Add(mediator.Run + 1, heard, envelope.At);
            rhythm.Heard = envelope.At;
            mediator.Run = 0;
            if (mediator.Senders.Count < MaxKept) mediator.Senders.Add(envelope.Sender);
        }

        foreach (var mediator in _mediators.Values)
        {
            if (!envelope.Vouched.Contains(mediator.Rhythm.Name)) mediator.Miss(envelope);
        }

        return back ?? [];
    }

    /// <summary>Who has fallen silent, of those that the document names.</summary>
    public IEnumerable<SilenceNotice> Judge(DateTimeOffset now, Func<string, bool> isNamed)
    {
        foreach (var mediator in _mediators.Values)
        {
            var rhythm = mediator.Rhythm;
            if (rhythm.Told is not null || !isNamed(rhythm.Name) || !rules.IsKnown(rhythm.Gaps, now)) continue;
            if (mediator.Run < rhythm.Ratio * rhythm.Gaps.Longest) continue;
            // Each of those envelopes has a quorum of others.
            yield return rhythm.Tell(SilenceCause.Party, now, mediator.Run, Heard(at => at > rhythm.Heard));
        }
    }

    /// <summary>Silent ones, by now.</summary>
    public IEnumerable<PartyRhythm> Silent =>
        _mediators.Values.Select(mediator => mediator.Rhythm).Where(rhythm => rhythm.Told is not null);

    private sealed class Mediator(PartyRhythm rhythm)
    {
        public PartyRhythm Rhythm => rhythm;

        public HashSet<string> Senders { get; } = new(StringComparer.Ordinal);

        /// <summary>Envelopes of its senders since the last that it vouched for.</summary>
        public long Run { get; set; }

        public void Miss(ObservedEnvelope envelope)
        {
            if (Senders.Contains(envelope.Sender)) Run++;
        }
    }
}
