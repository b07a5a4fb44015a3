using Relay.Risk.Series;

namespace Relay.Risk.Silence;

/// <summary>What is known of one party: its gaps, when it was heard, and what was told of it. Not safe for concurrent use.</summary>
/// <param name="kind">What it is.</param>
/// <param name="name">Its name.</param>
internal sealed class PartyRhythm(PartyKind kind, string name)
{
    // The ratio takes some sixty logarithms of gamma functions: it is kept while what it is of has changed by less than this part.
    private const double Tolerance = 0.02;

    private (long Gaps, double PerDay, double LongShare, double Ratio) _known;

    public PartyKind Kind => kind;

    public string Name => name;

    public GapRecord Gaps { get; } = new();

    /// <summary>When its newest gap ended; null before its first event, and after a stretch that nobody read.</summary>
    public DateTimeOffset? Ended { get; set; }

    /// <summary>When it was heard last; null before.</summary>
    public DateTimeOffset? Heard { get; set; }

    /// <summary>What its silence was laid to when it was told; null while it is not silent.</summary>
    public SilenceCause? Told { get; private set; }

    /// <summary>How many times its longest gap it is silent when it is told, all confirmers given; there must be a gap.</summary>
    public double Ratio
    {
        get
        {
            var (gaps, perDay, longShare) = (Gaps.Count, Gaps.PerDay, Gaps.LongShare);
            var isNear = Math.Abs(gaps - _known.Gaps) <= Tolerance * _known.Gaps
                && Math.Abs(perDay - _known.PerDay) <= Tolerance * _known.PerDay
                && Math.Abs(longShare - _known.LongShare) <= Tolerance * _known.LongShare;
            if (!isNear) _known = (gaps, perDay, longShare, SilenceRules.Ratio(gaps, perDay, longShare));
            return _known.Ratio;
        }
    }

    /// <summary>It is silent.</summary>
    /// <param name="cause">What that is laid to.</param>
    /// <param name="at">Now.</param>
    /// <param name="silence">For how long, in the unit of its gaps.</param>
    /// <param name="confirmers">Mediators heard meanwhile.</param>
    public SilenceNotice Tell(SilenceCause cause, DateTimeOffset at, double silence, int confirmers)
    {
        Told = cause;
        return Notice(cause, at, silence, confirmers);
    }

    /// <summary>It is back, before its new gap is learnt.</summary>
    /// <param name="at">When it was heard.</param>
    /// <param name="silence">For how long it was silent, in the unit of its gaps.</param>
    public SilenceNotice Return(DateTimeOffset at, double silence)
    {
        Told = null;
        return Notice(null, at, silence, 0);
    }

    private SilenceNotice Notice(SilenceCause? cause, DateTimeOffset at, double silence, int confirmers)
    {
        var suspicion = RecordSuspicion.Of(Gaps.Count, silence / Gaps.Longest);
        return new SilenceNotice(kind, name, cause, Heard!.Value, at, suspicion, Gaps.Longest, Gaps.Count, confirmers);
    }
}
