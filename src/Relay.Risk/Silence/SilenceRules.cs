namespace Relay.Risk.Silence;

/// <summary>When a silence is told: pure rules, and what of them can be set.</summary>
/// <param name="MinGaps">Gaps that are known of a party before it is judged, from 20.</param>
/// <param name="Learn">How long a party has been known before it is judged.</param>
public sealed record SilenceRules(int MinGaps, TimeSpan Learn)
{
    /// <summary>A hundred gaps, and a week, since a week has nights and a weekend.</summary>
    public static readonly SilenceRules Usual = new(100, TimeSpan.FromDays(7));

    /// <summary>Party-days of an honest party for one that is told silent: 1,000,000, ten times what is promised.</summary>
    public const double DaysPerFalseAlarm = 1e6;

    /// <summary>Mediators that have been heard while a party was overdue and confirm all that can be confirmed: 3, Lifeguard's K.</summary>
    public const int Confirmers = 3;

    // However many gaps are known: what is less than twice the longest is nobody's silence.
    private const double LeastRatio = 2;

    // So that a silence is told within three of the longest gaps whatever few long ones are known.
    private const double MostCautious = 2.9;

    /// <summary>
    /// The suspicion from which a party of this pace is told: log10 of the gaps that it makes in <see cref="DaysPerFalseAlarm"/> days.
    /// </summary>
    public static double Threshold(double gapsPerDay) => Math.Log10(Math.Max(1, gapsPerDay) * DaysPerFalseAlarm);

    /// <summary>How many times its longest gap a party is silent when it is told, all confirmers given.</summary>
    /// <param name="gaps">Gaps that are known of it, from 1.</param>
    /// <param name="gapsPerDay">Its pace.</param>
    /// <param name="longShare">Part of them that are of the kind of the longest, above 0 to 1.</param>
    public static double Ratio(long gaps, double gapsPerDay, double longShare)
    {
        var threshold = Threshold(gapsPerDay);
        // Only so many tell how far the long ones go, and only as many can be false alarms.
        var ofLong = Series.RecordSuspicion.RatioAt(
            Math.Max(1, (long)(gaps * longShare)), Math.Max(0, threshold + Math.Log10(longShare)));
        return Math.Max(
            Math.Max(LeastRatio, Series.RecordSuspicion.RatioAt(gaps, threshold)), Math.Min(MostCautious, ofLong));
    }

    /// <summary>
    /// What the time is multiplied by for want of confirmers: 2 with none, 1 with all, Lifeguard's section IV.B between:
    /// 2 - log(k + 1) / log(K + 1).
    /// </summary>
    /// <param name="confirmers">k, mediators heard while the party was overdue.</param>
    /// <param name="known">Mediators there are; K is three, or as many.</param>
    public static double WantOfConfirmers(int confirmers, int known)
    {
        var most = Math.Min(Confirmers, Math.Max(1, known));
        return 2 - (Math.Log(Math.Min(confirmers, most) + 1) / Math.Log(most + 1));
    }

    /// <summary>Is enough known of it for a judgement?</summary>
    public bool IsKnown(GapRecord gaps, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(gaps);
        return gaps.Count >= MinGaps && gaps.Since is { } since && now - since >= Learn;
    }
}
