namespace Relay.Risk.Series;

/// <summary>
/// Two one-sided CUSUMs over the scores of <see cref="SequentialRanks"/>: up = max(0, up + score - k), down = max(0, down - score - k),
/// an alarm when either passes h. After an alarm everything begins anew. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// Page, "Continuous inspection schemes", Biometrika 41 (1954). How long it runs without a change, and after one, is
/// <see cref="RunLength"/>, for values of any distribution.
/// </remarks>
public sealed class ChangeDetector
{
    /// <summary>k, half the shift that is found soonest: 0.5 deviations.</summary>
    public const double Reference = 0.5;

    /// <summary>h: 5 deviations.</summary>
    public const double Threshold = 5;

    /// <summary>Values that are only looked at before the sums begin: 20.</summary>
    public const int WarmUp = 20;

    private readonly SequentialRanks _ranks = new();
    private readonly List<ChangeAlarm> _alarms = [];
    private int _next;
    private int _upSince;
    private int _downSince;

    /// <summary>
    /// Mean number of values between two alarms of a series without a change: the warm-up, and then what Siegmund's formula says of two
    /// sides, 489 in all.
    /// </summary>
    public static double MeanBetweenFalseAlarms => WarmUp + (RunLength.OneSided(0, Reference, Threshold) / 2);

    /// <summary>
    /// Mean number of values until an alarm, once they have shifted by one deviation of what were many values: 10.3. Fewer before, or a
    /// smaller shift, take longer: the README has a table.
    /// </summary>
    public static double MeanDelay => RunLength.OneSided(1, Reference, Threshold);

    /// <summary>Sum for larger values, as a part of the threshold: 0 to 1.</summary>
    public double Up { get; private set; }

    /// <summary>Sum for smaller values, as a part of the threshold: 0 to 1.</summary>
    public double Down { get; private set; }

    /// <summary>Alarms so far, oldest first.</summary>
    public IReadOnlyList<ChangeAlarm> Alarms => _alarms;

    /// <summary>Takes the next value.</summary>
    /// <returns>True when it raised an alarm, the last of <see cref="Alarms"/>.</returns>
    public bool Add(double value)
    {
        var index = _next++;
        var score = _ranks.Add(value);
        if (_ranks.Count <= WarmUp) return false;
        if (Up == 0) _upSince = index;
        if (Down == 0) _downSince = index;
        Up = Math.Max(0, Up + ((score - Reference) / Threshold));
        Down = Math.Max(0, Down + ((-score - Reference) / Threshold));
        if (Up <= 1 && Down <= 1) return false;
        _alarms.Add(Up > 1
            ? new ChangeAlarm(index, _upSince, ChangeDirection.Up)
            : new ChangeAlarm(index, _downSince, ChangeDirection.Down));
        (Up, Down) = (0, 0);
        _ranks.Clear();
        return true;
    }
}
