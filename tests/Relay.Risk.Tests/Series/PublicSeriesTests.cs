using Relay.Risk.Series;

namespace Relay.Risk.Tests.Series;

/// <summary>Series that others have looked for changes in before us, and where they found them.</summary>
public sealed class PublicSeriesTests
{
    // Explosions in British coal mines that killed ten or more, 15 March 1851 to 22 March 1962, by year: R's data set boot::coal of 191
    // dates; Jarrett, "A note on the intervals between coal-mining disasters", Biometrika 66 (1979). Raftery and Akman, "Bayesian
    // analysis of a Poisson process with a change-point", Biometrika 73 (1986), have the change between 1887 and 1895, most likely in
    // 1890.
    private static readonly int[] Coal =
    [
        4, 5, 4, 1, 0, 4, 3, 4, 0, 6, 3, 3, 4, 0, 2, 6, 3, 3, 5, 4, 5, 3, 1, 4, 4, 1, 5, 5, 3, 4, 2, 5, 2, 2, 3, 4, 2, 1, 3, 2, 2, 1, 1,
        1, 1, 3, 0, 0, 1, 0, 1, 1, 0, 0, 3, 1, 0, 3, 2, 2, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0, 0, 2, 1, 0, 0, 0, 1, 1, 0, 2, 3, 3, 1, 1, 2, 1,
        1, 1, 1, 2, 3, 3, 0, 0, 0, 1, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1,
    ];

    // Flow of the Nile at Aswan in 10^8 cubic metres, 1871 to 1970: R's data set datasets::Nile. Cobb, "The problem of the Nile",
    // Biometrika 65 (1978), has the change in 1898, whose year is the last of the high ones.
    private static readonly int[] Nile =
    [
        1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140, 1100, 1210,
        1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120,
        1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649,
        846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746,
        919, 718, 714, 740,
    ];

    [Fact]
    public void Split_TheNile_IsAfter1898() =>
        Assert.Equal([1899], Segmentation.Split([.. Nile.Select(flow => (double)flow)]).Select(i => 1871 + i));

    // Counts have one variance after Anscombe's transformation.
    [Fact]
    public void Split_CoalMiningDisasters_IsWhereOthersHaveIt()
    {
        var splits = Segmentation.Split([.. Coal.Select(count => 2 * Math.Sqrt(count + 0.375))]).Select(i => 1851 + i).ToList();
        Assert.Contains(splits, year => year is >= 1887 and <= 1895);
    }

    [Fact]
    public void Detector_TheNile_AlarmsWithinAFewYearsOf1898()
    {
        var detector = new ChangeDetector();
        foreach (var flow in Nile) detector.Add(flow);
        var alarm = detector.Alarms[0];
        Assert.Equal(ChangeDirection.Down, alarm.Direction);
        Assert.InRange(1871 + alarm.Began, 1897, 1900);
        Assert.InRange(1871 + alarm.At, 1899, 1910);
    }

    [Fact]
    public void Detector_CoalMiningDisasters_AlarmsAfterTheChange()
    {
        var detector = new ChangeDetector();
        foreach (var count in Coal) detector.Add(count);
        var alarm = detector.Alarms[0];
        Assert.Equal(ChangeDirection.Down, alarm.Direction);
        Assert.InRange(1851 + alarm.Began, 1881, 1895);
        Assert.InRange(1851 + alarm.At, 1890, 1905);
    }
}
