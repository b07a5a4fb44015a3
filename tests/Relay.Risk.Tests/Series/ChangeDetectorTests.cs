using Relay.Risk.Series;

namespace Relay.Risk.Tests.Series;

public sealed class ChangeDetectorTests
{
    // Montgomery, "Introduction to Statistical Quality Control", table 9.3 and section 9.1.4: two-sided CUSUM with k = 0.5. Exact values.
    [Theory]
    [InlineData(4, 0, 168)]
    [InlineData(5, 0, 465)]
    [InlineData(4, 1, 8.38)]
    [InlineData(5, 1, 10.4)]
    [InlineData(4, 2, 3.34)]
    [InlineData(5, 2, 4.01)]
    public void RunLength_TwoSided_IsThatOfTheTables(double threshold, double shift, double table)
    {
        var rate = (1 / RunLength.OneSided(shift, 0.5, threshold)) + (1 / RunLength.OneSided(-shift, 0.5, threshold));
        Assert.Equal(table, 1 / rate, table * 0.04);
    }

    [Fact]
    public void RunLength_WithoutDrift_IsTheSquareOfTheHeight() => Assert.Equal(6.166 * 6.166, RunLength.OneSided(0.5, 0.5, 5), 9);

    [Fact]
    public void MeanBetweenFalseAlarms_OfASeriesWithoutAChange_IsAsStated()
    {
        const int Alarms = 1_500;
        var samples = new Samples(8);
        var detector = new ChangeDetector();
        var values = 0;
        while (detector.Alarms.Count < Alarms)
        {
            detector.Add(samples.Exponential());
            values++;
        }
        var measured = values / (double)Alarms;
        TestContext.Current.TestOutputHelper!.WriteLine($"{measured:0.0} values between alarms");
        Assert.Equal(489, ChangeDetector.MeanBetweenFalseAlarms, 1.0);
        Assert.InRange(measured / ChangeDetector.MeanBetweenFalseAlarms, 0.9, 1.1);
    }

    // So the above holds for values of every distribution.
    [Fact]
    public void Add_ValuesOfWhicheverScale_AlarmsAtTheSame()
    {
        var (plain, scaled) = (new ChangeDetector(), new ChangeDetector());
        var samples = new Samples(9);
        for (var i = 0; i < 10_000; i++)
        {
            var value = samples.Exponential();
            plain.Add(value);
            scaled.Add(Math.Exp(Math.Pow(value, 1.3)) - 7);
        }
        Assert.NotEmpty(plain.Alarms);
        Assert.Equal(plain.Alarms, scaled.Alarms);
    }

    [Fact]
    public void MeanDelay_AfterAShiftOfOneDeviation_IsAsStatedWhenMuchIsKnown() =>
        Assert.InRange(Delay(400, before => before.Normal(), after => after.Normal() + 1) / ChangeDetector.MeanDelay, 0.9, 1.1);

    // The README's table: values until the alarm, by how many there were before.
    [Theory]
    [InlineData(100, 1, 11.8)]
    [InlineData(200, 1, 10.6)]
    [InlineData(100, 2, 4.2)]
    [InlineData(200, 2, 4.0)]
    public void Delay_AfterAShift_IsThatOfTheReadme(int known, double shift, double stated) =>
        Assert.Equal(stated, Delay(known, before => before.Normal(), after => after.Normal() + shift), stated * 0.15);

    [Theory]
    [InlineData(100, 4, 6.6)]
    [InlineData(200, 4, 6.1)]
    [InlineData(100, 10, 3.9)]
    [InlineData(200, 10, 3.6)]
    [InlineData(100, 0.25, 11.6)]
    [InlineData(200, 0.25, 10.2)]
    [InlineData(100, 0.1, 5.3)]
    [InlineData(200, 0.1, 5.2)]
    public void Delay_OfAPoissonProcessThatChangesItsRate_IsThatOfTheReadme(int known, double times, double stated) =>
        Assert.Equal(stated, Delay(known, before => before.Exponential(), after => after.Exponential() * times), stated * 0.15);

    // Began is where the change was, to within a few values.
    [Fact]
    public void Add_ShiftUpAndDown_SaysWhichWayAndSinceWhen()
    {
        foreach (var (shift, direction) in new[] { (2.0, ChangeDirection.Up), (-2.0, ChangeDirection.Down) })
        {
            var samples = new Samples(10);
            var detector = new ChangeDetector();
            for (var i = 0; i < 150; i++) Assert.False(detector.Add(samples.Normal()));
            while (!detector.Add(samples.Normal() + shift)) Assert.InRange(detector.Up + detector.Down, 0, 2);
            var alarm = Assert.Single(detector.Alarms);
            Assert.Equal(direction, alarm.Direction);
            Assert.InRange(alarm.Began, 140, 155);
            Assert.Equal((0, 0), (detector.Up, detector.Down));
        }
    }

    [Fact]
    public void Add_EqualValues_NeverAlarms()
    {
        var detector = new ChangeDetector();
        for (var i = 0; i < 2_000; i++) Assert.False(detector.Add(3));
    }

    // Runs that were alarmed before the change tell nothing of the delay after it.
    private static double Delay(int known, Func<Samples, double> before, Func<Samples, double> after)
    {
        const int Runs = 400;
        var samples = new Samples(11);
        var (runs, total) = (0, 0);
        while (runs < Runs)
        {
            var detector = new ChangeDetector();
            for (var i = 0; i < known; i++) detector.Add(before(samples));
            if (detector.Alarms.Count > 0) continue;
            runs++;
            do total++;
            while (!detector.Add(after(samples)));
        }
        return total / (double)Runs;
    }
}
