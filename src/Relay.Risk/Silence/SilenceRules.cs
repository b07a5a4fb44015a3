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

    /// <summary>
    /// The suspicion from which a party of this pace is told: log10 of the gaps that it makes in <see cref="DaysPerFalseAlarm"/> days.
    /// </summary>
    public static double Threshold(double gapsPerDay) => Math.Log10(Math.Max(1, gapsPerDay) * DaysPerFalseAlarm);

    /// <summary>How many times its longest gap a party is silent when it is told, all confirmers given.</summary>
    public static double Ratio(long gaps, double gapsPerDay) =>
        Math.Max(LeastRatio, Series.RecordSuspicion.RatioAt(gaps, Threshold(gapsPerDay)));

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
