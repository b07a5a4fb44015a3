using Relay.Protocol.Keys;

namespace Relay.Protocol.Tests.Keys;

public sealed class KeyValidityTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(true, null, null, true)]
    [InlineData(false, null, null, false)]
    [InlineData(null, null, null, false)]
    [InlineData(true, 0, null, true)]
    [InlineData(true, 1, null, false)]
    [InlineData(true, null, 1, true)]
    [InlineData(true, null, 0, false)]
    [InlineData(true, -1, 1, true)]
    [InlineData(false, -1, 1, false)]
    public void Covers_EachBound_BeginsWithItsFirstMomentAndEndsBeforeItsLast(bool? enabled, int? from, int? until, bool covers) =>
        Assert.Equal(covers, new KeyValidity(enabled, At(from), At(until)).Covers(Now));

    [Fact]
    public void Covers_NothingSaid_IsFalse() => Assert.False(default(KeyValidity).Covers(Now));

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void CoveredSigning_Compromised_EndsAtTheTimeGiven(int since, bool covered)
    {
        var validity = new KeyValidity(true, null, null, At(since));
        Assert.Equal(covered, validity.CoveredSigning(Now));
        Assert.False(validity.Covers(Now));
    }

    [Theory]
    [InlineData("1700000000", 1_700_000_000L)]
    [InlineData("0", 0L)]
    [InlineData("", null)]
    [InlineData("yesterday", null)]
    [InlineData("-5", null)]
    [InlineData("253402300800", null)]
    public void ReadCompromisedSince_Unreadable_IsSinceEver(string value, long? seconds)
    {
        var expected = seconds is { } some ? DateTimeOffset.FromUnixTimeSeconds(some) : DateTimeOffset.MinValue;
        Assert.Equal(expected, KeyValidity.ReadCompromisedSince([new("owner", "us"), new(KeyValidity.CompromisedTag, value)]));
    }

    [Fact]
    public void ReadCompromisedSince_NoTag_IsNull()
    {
        Assert.Null(KeyValidity.ReadCompromisedSince([new("owner", "us")]));
        Assert.Null(KeyValidity.ReadCompromisedSince(null));
    }

    private static DateTimeOffset? At(int? seconds) => seconds is { } some ? Now.AddSeconds(some) : null;
}
