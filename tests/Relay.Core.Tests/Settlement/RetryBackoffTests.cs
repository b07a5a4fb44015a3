using Relay.Core.Settlement;

namespace Relay.Core.Tests.Settlement;

public sealed class RetryBackoffTests
{
    [Theory]
    [InlineData(0, 1.0)]
    [InlineData(1, 2.0)]
    [InlineData(2, 4.0)]
    [InlineData(8, 256.0)]
    [InlineData(9, 300.0)]
    [InlineData(10, 300.0)]
    [InlineData(1_000, 300.0)]
    [InlineData(int.MaxValue, 300.0)]
    public void After_Attempt_SpreadsFromHalfASecondToItsCeiling(int attempt, double ceilingSeconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(0.5), new RetryBackoff(() => 0).After(attempt));
        Assert.Equal(0.5 + (ceilingSeconds - 0.5) / 2, new RetryBackoff(() => 0.5).After(attempt).TotalSeconds, 6);
        Assert.InRange(new RetryBackoff(() => 1 - 1e-12).After(attempt).TotalSeconds, ceilingSeconds - 1e-6, ceilingSeconds);
    }

    [Theory]
    [InlineData(7.0, 7.0)]
    [InlineData(0.0, 1.0)]
    [InlineData(1e6, 300.0)]
    public void Within_Longest_SpreadsFromHalfASecondToIt(double longestSeconds, double ceilingSeconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(0.5), new RetryBackoff(() => 0).Within(TimeSpan.FromSeconds(longestSeconds)));
        Assert.InRange(
            new RetryBackoff(() => 1 - 1e-12).Within(TimeSpan.FromSeconds(longestSeconds)).TotalSeconds,
            ceilingSeconds - 1e-6,
            ceilingSeconds);
    }

    [Fact]
    public void After_NegativeAttempt_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => new RetryBackoff(() => 0).After(-1));

    [Theory]
    [InlineData(30, 60, 30, 60)]
    [InlineData(0, 0, 0.5, 0.5)]
    [InlineData(150, 400, 150, 300)]
    [InlineData(60, 30, 60, 60)]
    [InlineData(-1, 2, 0.5, 2)]
    public void Between_TwoWaits_SpreadsOverThem(double shortest, double longest, double least, double most)
    {
        TimeSpan Draw(double random) =>
            new RetryBackoff(() => random).Between(TimeSpan.FromSeconds(shortest), TimeSpan.FromSeconds(longest));
        Assert.Equal(least, Draw(0).TotalSeconds, 6);
        Assert.Equal(most, Draw(1 - 1e-12).TotalSeconds, 6);
    }
}
