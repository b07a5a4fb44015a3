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

    private static DateTimeOffset? At(int? seconds) => seconds is { } some ? Now.AddSeconds(some) : null;
}
